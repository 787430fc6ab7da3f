using System.Text;
using StreamForecaster.Decoding;
using StreamForecaster.Forecasting;
using StreamForecaster.Publishing;
using StreamForecaster.Scoring;
using AnomalyEvent = StreamForecaster.Scoring.AnomalyEvent;

namespace StreamForecaster.Tests.Publishing;

public sealed class EventTextTests
{
    static readonly AnomalyEvent Event = new(0, 60_000_000_000, 0, 0.9, 4.5, 1, Severity.Warning, EvidenceKind.Residual);

    [Fact]
    public void Append_AnEventTheModelTookPartIn_NamesSeriesEvidenceResidualAndLags()
    {
        var weights = new float[64];
        weights.AsSpan().Fill(0.005f);
        (weights[40], weights[63]) = (0.31f, 0.12f);
        var happened = Event with
        {
            Marks = 3,
            Second = EvidenceKind.Shape,
            Explanation = new(97.25, new HorizonBand(12.125, 8, 16.5, 0), HasForecast: true, LargestLags.Of(weights)),
        };

        Assert.Equal(
            "cpu.usage{host=a}: far from its forecast and a shape not seen before, 3 anomalous steps; at the peak 97.25, "
            + "85.12 above the forecast 12.12 (band 8 to 16.5); the model had looked most at 24 steps (24 min) back by 31 %, 1 step (1 min) back by 12 %",
            Text("cpu,host=a usage", happened, stepSeconds: 60));
    }

    [Fact]
    public void Append_WithoutAForecast_TellsTheValueAlone() => Assert.Equal(
        "cpu.usage: far from its forecast, 1 anomalous step; at the peak -2",
        Text("cpu usage", Event with { Explanation = new(-2, default, HasForecast: false, default) }));

    [Fact]
    public void Append_MissingData_HasNoValueToTell() => Assert.Equal(
        "cpu.usage: measurements stayed away, 1 anomalous step", Text("cpu usage", Event with { Strongest = EvidenceKind.MissingData }));

    [Fact]
    public void Append_TheLongestOfAll_StaysWithinItsBound()
    {
        var weights = new float[4096];
        (weights[0], weights[1], weights[3]) = (0.4f, 0.3f, 0.29f);
        foreach (var kind in Enum.GetValues<EvidenceKind>())
        {
            var happened = Event with
            {
                Marks = int.MaxValue,
                Strongest = kind,
                Second = EvidenceKind.Volatility,
                Explanation = new(
                    -1.23456e-100, new HorizonBand(-1.23456e-100, -1.23456e100, -1.23456e-100, 0), HasForecast: true, LargestLags.Of(weights)),
            };
            var text = Text($"{new string('a', 159)}é{new string('x', 400)} usage", happened, stepSeconds: 86_399);

            Assert.StartsWith(new string('a', 159) + "…: ", text, StringComparison.Ordinal);
            Assert.InRange(Encoding.UTF8.GetByteCount(text), 1, EventText.BytesMax);
        }
    }

    static string Text(string key, AnomalyEvent happened, long stepSeconds = 1)
    {
        var text = new ByteBuffer();
        EventText.Append(text, new SeriesLabels(SeriesIdentity.Parse(Encoding.UTF8.GetBytes(key))), happened, stepSeconds);
        return Encoding.UTF8.GetString(text.Written);
    }
}
