using StreamForecaster.Decoding;

namespace StreamForecaster.Tests.Decoding;

public sealed class MappedJsonDecoderTests
{
    const string Sensor = DecoderSeeds.Sensor;

    static readonly DecodeOptions Sensors = DecoderSeeds.Sensors;

    const string Point = "climate,sensor=sensor_001,site=warehouse_a temp 22.5 @1638360000000000000";

    [Fact]
    public void Object_WithConfiguredPaths_GivesItsPoint() => Assert.Equal([Point], Run(Sensor).Lines());

    [Fact]
    public void Array_IsManyPointsAndBadElementsLeaveTheOthers()
    {
        PointBatch points = Run($$"""[{{Sensor}},{"location":"x"},7,{"timestamp":"x","temp":1},{{Sensor}}]""");
        Assert.Equal([Point, Point], points.Lines());
        Assert.Equal(3, points.ErrorCount);
    }

    [Fact]
    public void Envelope_OfKafkaConnect_IsUnwrapped()
    {
        PointBatch points = Run($$"""{"schema":{"type":"struct","fields":[]},"payload":{{Sensor}}}""");
        Assert.Equal([Point], points.Lines());
        PointBatch bad = Run("""{"schema":null,"payload":{"timestamp":"x","temp":1}}""");
        Assert.StartsWith("38: the timestamp", Assert.Single(bad.Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_ThatAreNotNumbers_AreSkipped()
    {
        PointBatch points = Run("""{"temp":"22.5","air":{"humidity":null},"other":{"temp":[1,{"x":2}]}}""");
        Assert.Equal((0, 0, 2), (points.Count, points.ErrorCount, points.SkippedCount));
    }

    [Fact]
    public void Path_ThroughAnArray_GivesASetPerElement()
    {
        DecodeOptions options = new()
        {
            Mapping = new()
            {
                Name = "$.device.kind",
                Time = "readings.at",
                Tags = new Dictionary<string, string>(StringComparer.Ordinal) { ["id"] = "device.id", ["channel"] = "readings.c" },
                Values = new Dictionary<string, string>(StringComparer.Ordinal) { ["v"] = "readings.v", ["battery"] = "battery" },
            },
        };
        PointBatch points = Decoded.Run(
            DecodeFormat.MappedJson,
            """{"readings":[{"at":1,"c":1,"v":5},{"at":2,"v":6},{"c":3}],"battery":90,"device":{"id":7,"kind":"probe"}}""",
            options);
        Assert.Equal(
            [$"probe,id=7 battery 90 @{Decoded.RecordNs}", "probe,channel=1,id=7 v 5 @1000000000", "probe,id=7 v 6 @2000000000"],
            points.Lines());
        Assert.Equal(["49: none of the configured values is there"], points.Errors());
    }

    [Fact]
    public void Auto_ReadsUnknownShapesByTheMapping()
    {
        Assert.Equal([Point], Decoded.Run(DecodeFormat.Auto, Sensor, Sensors).Lines());
        Assert.StartsWith("0: JSON of no known shape", Assert.Single(Decoded.Run(DecodeFormat.Auto, Sensor).Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public void Mapping_ThatIsNotSound_IsRefused()
    {
        Assert.Throws<FormatException>(() => new RecordDecoder(new(), DecodeFormat.MappedJson));
        Assert.Throws<FormatException>(() => new RecordDecoder(new() { Mapping = new() }, DecodeFormat.Auto));
        FieldMapping twice = Sensors.Mapping! with { Time = "temp" };
        Assert.Throws<FormatException>(() => new RecordDecoder(new() { Mapping = twice }, DecodeFormat.MappedJson));
    }

    static PointBatch Run(string payload) => Decoded.Run(DecodeFormat.MappedJson, payload, Sensors);
}
