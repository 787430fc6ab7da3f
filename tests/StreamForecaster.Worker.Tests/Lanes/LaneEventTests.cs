using System.Globalization;
using StreamForecaster.Alignment;
using StreamForecaster.Models;
using StreamForecaster.Scoring;
using StreamForecaster.State;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>What a lane's events say.</summary>
public sealed class LaneEventTests
{
    const int SpikeStep = 200;
    const string Name = "m.value{host=a}";

    static readonly LaneSettings Settings = new()
    {
        Align = new AlignmentOptions { Step = TimeSpan.FromSeconds(1), Lateness = TimeSpan.Zero },
        Learn = new() { Model = new() { HiddenSize = 8, Lookback = 32, Horizons = 2 } },
    };

    static readonly JournalEntry Activation = new(50, 1, 1, JournalKind.Activate, "m", 3, 0);

    // A query with large weights looks at few steps.
    static readonly Forecaster Model = Sharp(Forecaster.Create(Settings.ModelSpec(), seed: 5));

    static readonly List<TestRecord> Records = [.. Enumerable.Range(0, SpikeStep + 60).Select(Record)];

    [Fact]
    public void Event_OfASpike_NamesTheResidualAndWhereTheMissedForecastHadLooked()
    {
        using LaneRun run = Run().Feed(Records.Take(SpikeStep + 1));
        SeriesDetail before = run.Lane.Show(Name)!;
        LargestLags lags = LargestLags.Of([.. before.Attention.Select(static weight => (float)weight)]);
        Assert.NotEqual(0, lags.Count);

        run.Feed(Records.Skip(SpikeStep + 1));

        // The later steps of the event leave the peak as it was.
        string[] lines = [.. Events(run).Where(static line => line.Contains("; at the peak 60, ", StringComparison.Ordinal))];
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains("text=\"m.value{host=a}: ", line, StringComparison.Ordinal));
        HorizonForecast missed = before.Ahead[0];
        string residual = string.Create(CultureInfo.InvariantCulture, $"above the forecast {missed.Yhat:G4} (band {missed.Lower:G4} to {missed.Upper:G4})");
        string looked = string.Join(", ", Enumerable.Range(0, lags.Count).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{lags[i].Steps} {(lags[i].Steps == 1 ? "step" : "steps")} ({lags[i].Steps} s) back by {Math.Round(100 * lags[i].Weight)} %")));
        Assert.All(lines, line => Assert.Contains($"{residual}; the model had looked most at {looked}\"", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Event_BatchCutsAndARestoreAmidIt_GiveTheSameBytes()
    {
        using LaneRun expected = Run().Feed(Records, cutSeed: 1, batchMax: 1).Finish();
        Assert.Contains("the model had looked most at", string.Concat(Events(expected)), StringComparison.Ordinal);
        using LaneRun cut = Run().Feed(Records, cutSeed: 2, batchMax: 90).Finish();
        Assert.Equal(expected.Lines, cut.Lines);

        const int Amid = SpikeStep + 6;
        using LaneRun before = Run().Feed(Records.Take(Amid));
        ByteBuffer frames = new();
        before.Lane.BeginCheckpoint(everything: true, frames);
        before.Lane.WriteSlice(int.MaxValue, frames);
        using LaneRun after = new(Settings);
        LaneTests.Restore(after.Lane, frames, static (_, _) => Model);
        Assert.Equal(expected.Lines, before.Lines + after.Feed(Records.Skip(Amid)).Finish().Lines);
        Assert.NotEmpty(Events(after));
    }

    [Fact]
    public void Takes_AShorterSection_OnlyWhereTheStageGrows()
    {
        StateSection now = new("event", 64, 128, 7), stored = new("event", 64, 88, 7);
        Assert.False(now.Takes(stored));
        Assert.True((now with { Grows = true }).Takes(stored));
        Assert.False((now with { Grows = true }).Takes(stored with { Settings = 8 }));
        Assert.False((stored with { Grows = true }).Takes(now));
    }

    static LaneRun Run()
    {
        LaneRun run = new(Settings);
        run.Lane.Recover([(Activation, Model)]);
        return run;
    }

    static string[] Events(LaneRun run) =>
        [.. run.Lines.Split('\n').Where(static line => line.StartsWith("anomaly_event,", StringComparison.Ordinal))];

    static TestRecord Record(int step)
    {
        double value = Math.Round((10 * Math.Sin(step / 4.0)) + (0.3 * Math.Sin(step * 1.7)), 4);
        return TestRecord.Point(step, "m,host=a", step, step is SpikeStep ? 60 : value);
    }

    static Forecaster Sharp(Forecaster model)
    {
        foreach (WeightTensor tensor in model.Weights.Tensors.Where(static t => t.Name.StartsWith("attention.", StringComparison.Ordinal)))
        {
            foreach (ref float weight in model.Weights.Edit(tensor.Name))
            {
                weight *= 6;
            }
        }

        return model;
    }
}
