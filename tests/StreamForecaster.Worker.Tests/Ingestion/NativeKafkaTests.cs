using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Tests.Ingestion;

public sealed class NativeKafkaTests
{
    [Fact]
    public void Find_NoLibrary_SaysWhatToDo()
    {
        string message = Assert.Throws<InvalidOperationException>(() => NativeKafka.Find(["/absent/librdkafka.so.1"])).Message;

        Assert.Equal(
            "The native Kafka library (librdkafka 2.1.0 or newer) is missing: none was found. Run build/native-kafka, which fetches or "
            + "builds it, or set STREAMFORECASTER_LIBRDKAFKA to the path of one.",
            message);
    }

    [Fact]
    public void Find_LibraryThatIsNotTheKafkaOne_IsNamedWithItsVersion()
    {
        string message = Assert.Throws<InvalidOperationException>(() => NativeKafka.Find(["libc.so.6"])).Message;

        Assert.Contains("libc.so.6 is version 0.0.0.", message);
    }

    [Fact]
    public void EnsureLoaded_ThisMachine_HasOneThatIsNewEnough()
    {
        NativeKafka.EnsureLoaded();

        Assert.True(Version.Parse(NativeKafka.Version) >= new Version(2, 1, 0), NativeKafka.Version);
    }
}
