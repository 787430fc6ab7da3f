using System.Diagnostics.Metrics;
using StreamForecaster.Worker.Telemetry;

namespace StreamForecaster.Worker.Tests.Telemetry;

public sealed class PrometheusTextTests : IDisposable
{
    readonly string _name = $"test-{Guid.NewGuid():N}";
    readonly Meter _meter;
    readonly PrometheusText _text;

    public PrometheusTextTests() => (_meter, _text) = (new(_name), new(_name));

    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Write_Counter_SumsByLabels()
    {
        Counter<long> bytes = _meter.CreateCounter<long>("sink.sent", "By", "Bytes sent.");
        bytes.Add(3, new KeyValuePair<string, object?>("sink", "a"), new("code", 204));
        bytes.Add(4, new KeyValuePair<string, object?>("code", 204), new("sink", "a"));
        bytes.Add(1, new KeyValuePair<string, object?>("sink", "b\"\\\n"));

        Assert.Equal("""
            # HELP sink_sent_bytes_total Bytes sent.
            # TYPE sink_sent_bytes_total counter
            sink_sent_bytes_total{code="204",sink="a"} 7
            sink_sent_bytes_total{sink="b\"\\\n"} 1

            """, _text.Write(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Write_Histogram_HasCumulativeBuckets()
    {
        Histogram<double> times = _meter.CreateHistogram<double>("took", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        times.Record(0.1);
        times.Record(0.5);
        times.Record(7);

        Assert.Equal("""
            # TYPE took_seconds histogram
            took_seconds_bucket{le="0.1"} 1
            took_seconds_bucket{le="1"} 2
            took_seconds_bucket{le="+Inf"} 3
            took_seconds_sum 7.6
            took_seconds_count 3

            """, _text.Write(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Write_ObservableThatNoLongerReports_Disappears()
    {
        List<Measurement<int>> readings = [new(1, new KeyValuePair<string, object?>("lane", "0")), new(2, new KeyValuePair<string, object?>("lane", "1"))];
        _meter.CreateObservableGauge("lag", () => readings);
        _text.Write();
        readings.RemoveAt(0);

        Assert.Equal("# TYPE lag gauge\nlag{lane=\"1\"} 2\n", _text.Write());
    }

    [Fact]
    public void Write_UpDownCounterAndGauge_AreGauges()
    {
        UpDownCounter<int> open = _meter.CreateUpDownCounter<int>("open");
        Gauge<double> level = _meter.CreateGauge<double>("level");
        open.Add(3);
        open.Add(-1);
        level.Record(1);
        level.Record(double.PositiveInfinity);

        Assert.Equal("# TYPE level gauge\nlevel +Inf\n# TYPE open gauge\nopen 2\n", _text.Write());
    }

    [Fact]
    public void Write_OtherMeters_AreLeftOut()
    {
        using Meter other = new(_name + "-other");
        other.CreateCounter<int>("elsewhere").Add(1);

        Assert.Empty(_text.Write());
    }

    [Fact]
    public void Record_TooManyLabelSets_StopsGrowing()
    {
        Counter<int> series = _meter.CreateCounter<int>("flood");
        for (int i = 0; i < 6_000; i++)
        {
            series.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        Assert.Equal(5_001, _text.Write().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
