using System.Globalization;
using StreamForecaster.Alignment;
using StreamForecaster.Grouping;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>A lane whose series groups have every form of model that streams, a profile each.</summary>
public sealed class LaneModelsTests
{
    const int ActivatedAt = 1800;
    const int Steps = 45;

    static readonly List<SeriesGroupOptions> Groups =
    [
        .. from encoder in Enum.GetValues<EncoderKind>()
           from attention in Enum.GetValues<AttentionKind>()
           from head in Enum.GetValues<HeadKind>()
           where head != HeadKind.Classifier
           select Group(encoder, attention, head),
    ];

    static readonly LaneSettings Settings = new()
    {
        Align = new AlignmentOptions { Step = TimeSpan.FromSeconds(1) },
        Series = new SeriesOptions { Groups = [.. Groups.Select((group, i) => group with { Match = [$"m.value{{host=h{i}}}"] })], Warmup = 20 },
        Learn = new LearnOptions { Model = new() { HiddenSize = 8, Lookback = 16, Horizons = 3 } },
    };

    static readonly List<TestRecord> Records = TestRecord.Stream(seed: 21, Steps, Groups.Count);

    static readonly Dictionary<string, Forecaster> Models = Groups.ToDictionary(
        static group => group.Name, static group => Trained(Settings.ModelSpec(group)), StringComparer.Ordinal);

    [Fact]
    public void Process_EveryFormInOneLane_AnswersWithItsOwnModelHoweverTheBatchesAreCut()
    {
        using LaneRun expected = Run(cutSeed: 1, batchMax: 1);
        string[] lines = expected.SortedLines;
        foreach (SeriesGroupOptions group in Groups)
        {
            string label = StreamingModel.NameOf(Settings.ModelSpec(group));
            Assert.Contains(lines, line => line.StartsWith("forecast,", StringComparison.Ordinal)
                && line.Contains($",host=h{Groups.IndexOf(group)},", StringComparison.Ordinal)
                && line.Contains($"model=\"{label}\",version=3i", StringComparison.Ordinal));
        }

        using LaneRun run = Run(cutSeed: 2, batchMax: 700);
        Assert.Equal(expected.Lines, run.Lines);
    }

    [Fact]
    public void Process_HorizonsOfAGroupsOwn_AreWhatIsPublished()
    {
        using LaneRun run = Run(cutSeed: 3, batchMax: 300);
        int own = Groups.FindIndex(static group => group.Model!.Horizons == 5);
        string[] lines = [.. run.SortedLines.Where(static line => line.StartsWith("forecast,", StringComparison.Ordinal))];
        Assert.Contains(lines, line => line.Contains($"forecast,horizon=5,host=h{own},", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains($"forecast,horizon=3,host=h{own},", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(2400)]
    public void Restore_EveryFormInOneLane_GoesOnBitForBit(int cut)
    {
        using LaneRun expected = Run(cutSeed: 4, batchMax: 200);
        using LaneRun before = Open(Settings).Feed(Records.Take(cut));
        ByteBuffer frames = Checkpoint(before);
        using LaneRun after = new(Settings);
        LaneTests.Restore(after.Lane, frames, static (group, _) => Models[group]);
        Assert.Empty(after.Lane.ResetSections);
        after.Lane.Recover(Activations.Where(entry => entry.Entry.Sequence > after.Lane.JournalPosition));
        after.Feed(Records.Skip(cut)).Finish();
        Assert.Equal(expected.SortedLines, (string[])[.. before.SortedLines.Concat(after.SortedLines).Order(StringComparer.Ordinal)]);
    }

    [Fact]
    public void Restore_GroupWithAnotherModel_ResetsThatGroupAloneAndPassesItsOldModelBy()
    {
        using LaneRun before = Open(Settings).Feed(Records.Take(2400));
        ByteBuffer frames = Checkpoint(before);
        SeriesGroupOptions changed = Settings.Series.Groups[7] with { Model = new() { HiddenSize = 40 }, Profile = SeriesProfile.Lean };
        LaneSettings settings = Settings with
        {
            Series = Settings.Series with { Groups = [.. Settings.Series.Groups.Select((group, i) => i == 7 ? changed : group)] },
        };
        using LaneRun after = new(settings);
        LaneTests.Restore(after.Lane, frames, static (group, _) => Models[group]);
        Assert.All(after.Lane.ResetSections, section => Assert.StartsWith(changed.Name + "/", section, StringComparison.Ordinal));
        Assert.Contains(changed.Name + "/model", after.Lane.ResetSections);
        Assert.Null(after.Lane.Groups.Single(group => string.Equals(group.Name, changed.Name, StringComparison.Ordinal)).Champion);
        after.Feed(Records.Skip(2400)).Finish();
        Assert.DoesNotContain(after.SortedLines, static line =>
            line.Contains(",host=h7,", StringComparison.Ordinal) && line.Contains("version=3i", StringComparison.Ordinal));
    }

    [Fact]
    public void Groups_ProfileOfTheirOwn_TakesItsMemory()
    {
        using LaneGroup full = new("full", Settings, new() { Name = "full", Profile = SeriesProfile.Full });
        using LaneGroup lean = new("lean", Settings, new() { Name = "lean", Profile = SeriesProfile.Lean });
        Assert.InRange(lean.Mixture.StateBytes, 1, full.Mixture.StateBytes / 2);
        Assert.InRange(lean.Scorer.StateBytes, 1, full.Scorer.StateBytes - 1);
    }

    [Fact]
    public void Groups_DefaultModel_KeepsRingStateAndInputsWithin5KilobytesASeries()
    {
        using LaneGroup group = new("m", new LaneSettings(), rule: null);
        Assert.Equal((32, 64), (group.Spec.HiddenSize, group.Spec.Lookback));
        Assert.InRange(group.Sections.Where(static section => section.Name is "model" or "window").Sum(static section => section.Length), 1, 5000);
    }

    // A series' identity (key, labels, its place in the lane) comes on top: about half a kilobyte (SeriesMemoryTests).
    [Theory]
    [InlineData(SeriesProfile.Full, (32 << 10) - 512)]
    [InlineData(SeriesProfile.Lean, (10 << 10) - 512)]
    public void Groups_DefaultSettings_KeepASeriesBlockWithinItsProfilesBudget(SeriesProfile profile, int budget)
    {
        using LaneGroup group = new("m", new LaneSettings(), new() { Name = "m", Profile = profile });
        string sections = string.Join(", ", group.Sections.Select(static section => $"{section.Name} {section.Length}"));
        Assert.True(group.BlockBytes > budget / 2 && group.BlockBytes <= budget, $"{group.BlockBytes} bytes: {sections}");
    }

    [Fact]
    public void Groups_RuleNamedAsAMeasurement_KeepsToWhatItMatches()
    {
        SeriesGroupOptions rule = new() { Name = "m", Match = ["m.value{host=h0}"], Model = new() { HiddenSize = 12 } };
        using LaneRun run = new LaneRun(Settings with { Series = new() { Groups = [rule] } }).Feed(TestRecord.Stream(seed: 3, steps: 5, series: 3));
        Assert.Equal([("m", 12), ("m (rest)", 8)], run.Lane.Groups.Select(static group => (group.Name, group.Spec.HiddenSize)));
    }

    static IEnumerable<(JournalEntry Entry, Forecaster? Model)> Activations => Groups.Select(static (group, i) =>
        (new JournalEntry(ActivatedAt, i + 1, 1, JournalKind.Activate, group.Name, 3, 0), (Forecaster?)Models[group.Name]));

    static LaneRun Run(int cutSeed, int batchMax) => Open(Settings).Feed(Records, cutSeed, batchMax).Finish();

    static LaneRun Open(LaneSettings settings)
    {
        LaneRun run = new(settings);
        run.Lane.Recover(Activations);
        return run;
    }

    static ByteBuffer Checkpoint(LaneRun run)
    {
        ByteBuffer frames = new();
        run.Lane.BeginCheckpoint(everything: true, frames);
        Assert.True(run.Lane.WriteSlice(int.MaxValue, frames));
        return frames;
    }

    // Every third has horizons and a lookback of its own, every second is lean.
    static SeriesGroupOptions Group(EncoderKind encoder, AttentionKind attention, HeadKind head)
    {
        int number = ((((int)encoder * 6) + (int)attention) * 3) + (int)head;
        return new()
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"{encoder}-{attention}-{head}"),
            Profile = number % 2 == 0 ? SeriesProfile.Lean : null,
            Model = new()
            {
                Encoder = encoder,
                Attention = attention,
                Head = head,
                Horizons = number % 3 == 0 ? 5 : null,
                Lookback = number % 3 == 0 ? 20 : null,
                Layers = number % 5 == 0 ? 2 : null,
            },
        };
    }

    // A new head is zero and would forecast persistence whatever the form.
    static Forecaster Trained(ModelSpec spec)
    {
        Forecaster model = Forecaster.Create(spec, seed: 9);
        Random random = new(9);
        Span<float> values = model.Weights.Edit();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] += 0.1f * (random.NextSingle() - 0.5f);
        }

        return model;
    }
}
