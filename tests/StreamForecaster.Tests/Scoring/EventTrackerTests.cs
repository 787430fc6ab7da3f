using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class EventTrackerTests
{
    static readonly ScoreOptions Options = new() { MergeGap = 3 };

    [Fact]
    public void Observe_MarksWithinTheGap_AreOneEvent()
    {
        var changes = Run(Options, ".x..xx......");

        Assert.Equal(
            [EventChangeKind.Opened, EventChangeKind.Updated, EventChangeKind.Updated, EventChangeKind.Closed],
            changes.Select(change => change.Kind).Where(kind => kind != EventChangeKind.None));
        var ended = changes[9].Closed!.Value;
        Assert.Equal(Steps.At(1).UnixNs, ended.StartNs);
        Assert.Equal(Steps.At(6).UnixNs, ended.EndNs);
        Assert.Equal(3, ended.Marks);
    }

    [Fact]
    public void Observe_MarksBeyondTheGap_AreTwoEvents()
    {
        var changes = Run(Options, "x....x....");

        Assert.Equal(2, changes.Count(change => change.Kind == EventChangeKind.Opened));
        Assert.Equal(2, changes.Count(change => change.Closed is not null));
    }

    [Fact]
    public void Observe_AMarkAfterSkippedSteps_ClosesAndOpensAtOnce()
    {
        var tracker = new EventTracker(Options);
        var state = new byte[tracker.StateBytes];
        tracker.Observe(state, Mark(4), Steps.At(0));

        var change = tracker.Observe(state, Mark(4), Steps.At(50));

        Assert.Equal(EventChangeKind.Opened, change.Kind);
        Assert.Equal(Steps.At(0).UnixNs, change.Closed!.Value.StartNs);
        Assert.Equal(Steps.At(50).UnixNs, change.Event.StartNs);
    }

    [Theory]
    [InlineData("x.x......", false)]
    [InlineData("x.xx.....", true)]
    [InlineData("x...xx.x.", true)]
    [InlineData("x...x...x", false)]
    public void Observe_Persistence_AsksForKOfN(string marks, bool opens)
    {
        var changes = Run(Options with { Persistence = 3, PersistenceOf = 4 }, marks);

        Assert.Equal(opens, changes.Any(change => change.Kind == EventChangeKind.Opened));
    }

    [Fact]
    public void Observe_PersistentMarks_StartAtTheFirstOfThem()
    {
        var changes = Run(Options with { Persistence = 3, PersistenceOf = 4 }, "..x.xx...");

        Assert.Equal(Steps.At(2).UnixNs, changes[5].Event.StartNs);
    }

    [Fact]
    public void Observe_Severity_FollowsPeakAndLength()
    {
        Assert.Equal(Severity.Info, Peak(0.5, 1));
        Assert.Equal(Severity.Warning, Peak(0.5, 5));
        Assert.Equal(Severity.Warning, Peak(1.5, 1));
        Assert.Equal(Severity.Warning, Peak(2.5, 1));
        Assert.Equal(Severity.Critical, Peak(2.5, 2));
    }

    [Fact]
    public void Observe_SeveralMarks_KeepsTheExplanationOfThePeak()
    {
        var tracker = new EventTracker(Options);
        var state = new byte[tracker.StateBytes];
        double[] excess = [0.5, 2, 1];
        for (var step = 0; step < excess.Length; step++)
        {
            tracker.Observe(state, Mark(excess[step]) with { Second = EvidenceKind.Shape }, Steps.At(step), new(step, default, true, LargestLags.Of([0.01f, 0.01f, 1, 0.01f, 0.01f])));
        }

        Assert.True(EventTracker.TryGetOpen(state, out var current));
        Assert.Equal(1, current.Explanation.Value);
        Assert.True(current.Explanation.HasForecast);
        Assert.Equal((3, 1.0), current.Explanation.Lags[0]);
        Assert.Equal(EvidenceKind.Shape, current.Second);
    }

    [Fact]
    public void StateBytes_OfASeries_StayWithinTwoCacheLines() => Assert.Equal(128, new EventTracker(Options).StateBytes);

    static Severity Peak(double excess, int marks)
    {
        var tracker = new EventTracker(Options);
        var state = new byte[tracker.StateBytes];
        for (var step = 0; step < marks; step++)
        {
            tracker.Observe(state, Mark(excess), Steps.At(step));
        }

        Assert.True(EventTracker.TryGetOpen(state, out var current));
        return current.Severity;
    }

    static StepScore Mark(double excess) => new(1, 0, 0.01, true, EvidenceKind.Spike, 5 + excess, excess);

    static EventChange[] Run(ScoreOptions options, string marks)
    {
        var tracker = new EventTracker(options);
        var state = new byte[tracker.StateBytes];
        tracker.Initialize(state);
        return [.. marks.Select((mark, step) => tracker.Observe(state, mark == 'x' ? Mark(0) : default, Steps.At(step)))];
    }
}
