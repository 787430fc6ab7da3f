using StreamForecaster.Alignment;

namespace StreamForecaster.Tests.Alignment;

public sealed class SeriesAlignerTests
{
    const long Second = 1_000_000_000;

    static (SeriesAligner Aligner, byte[] State) Make(
        Aggregate aggregate = Aggregate.Mean, int stepSeconds = 10, int latenessSeconds = 2, int fillLimit = 3)
    {
        SeriesAligner aligner = new(TimeSpan.FromSeconds(stepSeconds), TimeSpan.FromSeconds(latenessSeconds), fillLimit, aggregate);
        byte[] state = new byte[aligner.StateBytes];
        aligner.Initialize(state);
        return (aligner, state);
    }

    [Theory]
    [InlineData(Aggregate.Mean, 2)]
    [InlineData(Aggregate.Sum, 6)]
    [InlineData(Aggregate.Max, 3)]
    [InlineData(Aggregate.Min, 1)]
    [InlineData(Aggregate.Last, 3)]
    [InlineData(Aggregate.Count, 3)]
    public void Close_ThreePointsInAStep_AggregatesThem(Aggregate aggregate, double expected)
    {
        (SeriesAligner aligner, byte[] state) = Make(aggregate);
        aligner.Accept(state, 101 * Second, 2, 101 * Second);
        aligner.Accept(state, 105 * Second, 3, 105 * Second);
        aligner.Accept(state, 103 * Second, 1, 105 * Second);
        ClosedStep closed = aligner.Close(state);
        Assert.Equal(new ClosedStep(StepKind.Measured, 10, expected, Restart: false), closed);
    }

    [Fact]
    public void Close_CounterReset_CountsFromZero()
    {
        (SeriesAligner aligner, byte[] state) = Make(Aggregate.Rate);
        aligner.Accept(state, 109 * Second, 1000, 0);
        aligner.Accept(state, 119 * Second, 1500, 0);
        aligner.Accept(state, 129 * Second, 20, 0);
        Assert.Equal(StepKind.Skipped, aligner.Close(state).Kind);
        Assert.Equal(50, aligner.Close(state).Value);
        Assert.Equal(2, aligner.Close(state).Value);
    }

    [Fact]
    public void Accept_StepThatLaneTimeHasPassed_IsLateEvenBeforeItIsClosed()
    {
        (SeriesAligner aligner, byte[] state) = Make();
        aligner.Accept(state, 101 * Second, 1, 101 * Second);
        Assert.Equal(PointOutcome.Accepted, aligner.Accept(state, 102 * Second, 1, (112 * Second) - 1));
        Assert.Equal(PointOutcome.Late, aligner.Accept(state, 103 * Second, 1, 112 * Second));
    }

    [Fact]
    public void Accept_SamePointTwice_IsADuplicate()
    {
        (SeriesAligner aligner, byte[] state) = Make();
        Assert.Equal(PointOutcome.Scheduled, aligner.Accept(state, 101 * Second, 1, 0));
        Assert.Equal(PointOutcome.Duplicate, aligner.Accept(state, 101 * Second, 1, 0));
        Assert.Equal(1, aligner.Close(state).Value);
    }

    [Fact]
    public void Close_ShortGap_IsFilledAndLongGapRestarts()
    {
        (SeriesAligner aligner, byte[] state) = Make(fillLimit: 2);
        aligner.Accept(state, 100 * Second, 7, 0);
        Assert.Equal(StepKind.Measured, aligner.Close(state).Kind);
        Assert.Equal(new ClosedStep(StepKind.Filled, 11, 7, Restart: false), aligner.Close(state));
        Assert.Equal(StepKind.Filled, aligner.Close(state).Kind);
        Assert.Equal(StepKind.Stale, aligner.Close(state).Kind);
        Assert.False(SeriesAligner.IsScheduled(state));
        Assert.Equal(PointOutcome.Scheduled, aligner.Accept(state, 500 * Second, 8, 500 * Second));
        Assert.Equal(new ClosedStep(StepKind.Measured, 50, 8, Restart: true), aligner.Close(state));
    }

    [Fact]
    public void Close_GapWithAPointBehindIt_GivesTheSameStepsAsWithoutThePoint()
    {
        // The point that ends a gap may arrive before or after the gap's steps are closed: pacing must not show.
        (SeriesAligner aligner, byte[] early) = Make(stepSeconds: 1, fillLimit: 1);
        (_, byte[] late) = Make(stepSeconds: 1, fillLimit: 1);
        aligner.Accept(early, 100 * Second, 7, 0);
        aligner.Accept(late, 100 * Second, 7, 0);
        aligner.Accept(early, 103 * Second, 9, 103 * Second);
        List<ClosedStep> first = [.. Enumerable.Range(0, 4).Select(_ => aligner.Close(early))];
        List<ClosedStep> second = [.. Enumerable.Range(0, 3).Select(_ => aligner.Close(late))];
        aligner.Accept(late, 103 * Second, 9, 103 * Second);
        second.Add(aligner.Close(late));
        static bool Shows(ClosedStep step) => step.Kind is StepKind.Measured or StepKind.Filled;
        Assert.Equal(first.Where(Shows), second.Where(Shows));
    }

    [Fact]
    public void Accept_UnknownStep_IsTheModalDifferenceSnapped()
    {
        (SeriesAligner aligner, byte[] state) = Make(stepSeconds: 0);
        long[] times = [0, 10, 20, 30, 45, 55, 65];
        foreach (long time in times)
        {
            Assert.Equal(PointOutcome.Collected, aligner.Accept(state, (time * Second) + 3_000_000, 1, 0));
        }

        Assert.Equal(PointOutcome.Scheduled, aligner.Accept(state, 75 * Second, 1, 75 * Second));
        Assert.Equal(10 * Second, SeriesAligner.StepNs(state));
    }

    [Fact]
    public void Accept_OlderStepInTheSlot_AsksForItsClosing()
    {
        (SeriesAligner aligner, byte[] state) = Make(stepSeconds: 1, latenessSeconds: 0);
        aligner.Accept(state, 0, 1, 0);
        Assert.Equal(PointOutcome.Full, aligner.Accept(state, 4 * Second, 2, 4 * Second));
        Assert.Equal(0, aligner.Close(state).Index);
        Assert.Equal(PointOutcome.Accepted, aligner.Accept(state, 4 * Second, 2, 4 * Second));
    }
}
