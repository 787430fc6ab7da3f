using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class AnomalyScorerTests
{
    static readonly ScoreOptions Lean = new() { Profile = SeriesProfile.Lean };
    static readonly ScoreOptions Full = new() { Profile = SeriesProfile.Full };

    public static TheoryData<SeriesProfile> Profiles() => new(SeriesProfile.Lean, SeriesProfile.Full);

    [Fact]
    public void Score_WhileWarming_IsZero()
    {
        var scores = Steps.Score(Lean, Streams.Normal(1, 59));

        Assert.All(scores, score => Assert.True(score is { Score: 0, AlarmScore: 0, IsAnomaly: false }));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Score_BurstAfterThreeMinutes_IsMarkedWithinSixSteps(int seed)
    {
        // Processor load: about 20 %, up to 100 % for 20 seconds.
        var values = Streams.Normal(seed, 260, 20, 6).Select((x, i) => i is >= 200 and < 220 ? 99 : Math.Clamp(x, 0, 100));

        var scores = Steps.Score(Lean, values);

        Assert.Contains(scores[200..206], score => score.IsAnomaly);
        Assert.DoesNotContain(scores[140..200], score => score.IsAnomaly);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Score_SecondBurst_IsMarkedAgain(SeriesProfile profile)
    {
        var values = Streams.Normal(21, 500, 20, 6).Select((x, i) => i is (>= 200 and < 220) or (>= 400 and < 420) ? 99 : Math.Clamp(x, 0, 100));

        var scores = Steps.Score(Lean with { Profile = profile }, values);

        Assert.Contains(scores[400..406], score => score.IsAnomaly);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Score_BackAtTheUsualLevel_HasNoEcho(SeriesProfile profile)
    {
        // An idle core under twenty seconds of full load: its quiet afterwards is nothing new.
        var values = Streams.Normal(31, 300, 1, 0.5).Select((x, i) => i is >= 200 and < 220 ? 99 : Math.Max(0, x));

        var scores = Steps.Score(Lean with { Profile = profile }, values);

        Assert.Contains(scores[200..206], score => score.IsAnomaly);
        Assert.DoesNotContain(scores[222..], score => score.IsAnomaly);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Score_NewLevel_EndsItsAlarm(SeriesProfile profile)
    {
        var values = Streams.Normal(5, 2000).Select((x, i) => i < 1000 ? x : x + 50);

        var scores = Steps.Score(Lean with { Profile = profile }, values);

        Assert.Contains(scores[1000..1006], score => score.IsAnomaly);
        Assert.DoesNotContain(scores[1200..], score => score.IsAnomaly);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Score_ConstantSeries_NeverAlarms(SeriesProfile profile)
    {
        var scores = Steps.Score(Lean with { Profile = profile }, Enumerable.Repeat(42.0, 5000));

        Assert.All(scores, score => Assert.True(score is { Score: 0, IsAnomaly: false }));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Score_WildValues_IsFinite(SeriesProfile profile)
    {
        double[] wild = [0, double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon, 1e-300, 1e30, -1e30, 1, -0.0];
        var random = new Random(3);
        var scorer = new AnomalyScorer(Lean with { Profile = profile });
        var state = new byte[scorer.StateBytes];
        scorer.Initialize(state);
        for (var step = 0; step < 3000; step++)
        {
            var x = wild[random.Next(wild.Length)];
            var forecast = new HorizonBand(wild[random.Next(wild.Length)], -1, 1, 0);
            var score = scorer.Score(state, new StepEvidence(x, forecast, step % 3 != 0, Steps.At(step), step % 17 == 0, false));

            Assert.InRange(score.Score, 0, 1);
            Assert.InRange(score.AlarmScore, 0, 1);
            Assert.InRange(score.PValue, 0, 1);
        }
    }

    [Theory]
    [InlineData(AlarmDirection.Up, 30, true)]
    [InlineData(AlarmDirection.Up, -30, false)]
    [InlineData(AlarmDirection.Down, 30, false)]
    [InlineData(AlarmDirection.Down, -30, true)]
    [InlineData(AlarmDirection.Both, -30, true)]
    public void Score_Direction_IsKept(AlarmDirection direction, double height, bool marked)
    {
        var values = Streams.Normal(7, 510).Select((x, i) => i < 500 ? x : x + height);

        var scores = Steps.Score(Lean with { Direction = direction }, values);

        Assert.Equal(marked, scores[500..506].Any(score => score.IsAnomaly));
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(40, false)]
    public void Score_MinimumDeviation_IsKept(double minimum, bool marked)
    {
        var values = Streams.Normal(7, 510).Select((x, i) => i < 500 ? x : x + 30);

        var scores = Steps.Score(Lean with { MinimumDeviation = minimum }, values);

        Assert.Equal(marked, scores[500..506].Any(score => score.IsAnomaly));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Score_MutedSteps_LeaveNoTrace(SeriesProfile profile)
    {
        var scorer = new AnomalyScorer(Lean with { Profile = profile });
        var state = new byte[scorer.StateBytes];
        scorer.Initialize(state);
        var values = Streams.Normal(9, 400).ToArray();
        for (var step = 0; step < values.Length; step++)
        {
            scorer.Score(state, Steps.Evidence(values[step], step));
        }

        var before = state.ToArray();
        var muted = scorer.Score(state, Steps.Evidence(1000, 400, muted: true));

        Assert.False(muted.IsAnomaly);
        Assert.Equal(before, state);
    }

    [Fact]
    public void Score_MissingRun_IsMarkedThenLearned()
    {
        var scorer = new AnomalyScorer(Lean);
        var state = new byte[scorer.StateBytes];
        scorer.Initialize(state);
        var scores = Streams.Normal(9, 600)
            .Select((x, step) => scorer.Score(state, Steps.Evidence(x, step, missing: step is >= 500 and < 510))).ToArray();

        Assert.DoesNotContain(scores[..501], score => score.IsAnomaly);
        Assert.Contains(scores[501..505], score => score is { IsAnomaly: true, Strongest: EvidenceKind.MissingData });
        Assert.DoesNotContain(scores[510..], score => score.IsAnomaly);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Score_FromACopyOfTheState_GoesOnBitForBit(SeriesProfile profile)
    {
        var scorer = new AnomalyScorer(Lean with { Profile = profile });
        var state = new byte[scorer.StateBytes];
        scorer.Initialize(state);
        var values = Streams.StudentT(4, 3000, 3).ToArray();
        for (var step = 0; step < 1500; step++)
        {
            scorer.Score(state, Steps.Evidence(values[step], step));
        }

        var restored = state.ToArray();
        var other = new AnomalyScorer(Lean with { Profile = profile });
        for (var step = 1500; step < 3000; step++)
        {
            Assert.Equal(
                scorer.Score(state, Steps.Evidence(values[step], step)),
                other.Score(restored, Steps.Evidence(values[step], step)));
        }

        Assert.Equal(state, restored);
    }

    [Fact]
    public void PValue_OfResiduals_IsUniform()
    {
        var scorer = new AnomalyScorer(Lean);
        var state = new byte[scorer.StateBytes];
        scorer.Initialize(state);
        var forecast = new HorizonBand(0, -1.645, 1.645, 0);
        var small = Streams.Normal(2, 20_000)
            .Select((x, step) => scorer.Score(state, new StepEvidence(x, forecast, true, Steps.At(step), false, false)).PValue)
            .Skip(2000).Count(p => p < 0.1);

        Assert.InRange(small, 1500, 2100);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Score_AfterTheFirst_AllocatesNothing(SeriesProfile profile)
    {
        var scorer = new AnomalyScorer(Lean with { Profile = profile });
        var state = new byte[scorer.StateBytes];
        scorer.Initialize(state);
        var values = Streams.Normal(9, 3000).ToArray();
        scorer.Score(state, Steps.Evidence(0, 0));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 1; step < values.Length; step++)
        {
            scorer.Score(state, Steps.Evidence(values[step], step, muted: step % 50 == 0));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Score_ValuesThatStopChanging_AreMarkedThenAccepted()
    {
        var noise = Streams.Normal(17, 2000).ToArray();
        var values = noise.Select((x, i) => i is >= 1000 and < 1500 ? noise[1000] : x);

        var scores = Steps.Score(Full, values);

        Assert.Contains(scores[1003..1020], score => score is { IsAnomaly: true, Strongest: EvidenceKind.FlatLine });
        Assert.DoesNotContain(scores[1300..1500], score => score is { IsAnomaly: true, Strongest: EvidenceKind.FlatLine });
    }

    [Fact]
    public void Score_ASeriesThatSeldomChanges_IsNoFlatLine()
    {
        var scores = Steps.Score(Full, Enumerable.Range(0, 3000).Select(i => (double)(i / 40 % 7)));

        Assert.DoesNotContain(scores, score => score is { IsAnomaly: true, Strongest: EvidenceKind.FlatLine });
    }

    [Fact]
    public void Score_NoiseThatVanishes_RaisesTheVolatility()
    {
        var values = Streams.Normal(19, 3000).Select((x, i) => i < 2500 ? x : x / 100);

        var scores = Steps.Score(Full, values, 300)[2500..];

        Assert.Contains(scores, score => score is { IsAnomaly: true, Strongest: EvidenceKind.Volatility });
    }

    [Theory]
    [InlineData(SeriesProfile.Lean, 1229)]
    [InlineData(SeriesProfile.Full, 2048)]
    public void StateBytes_OfAProfile_KeepItsBudget(SeriesProfile profile, int most) =>
        Assert.InRange(new AnomalyScorer(new ScoreOptions { Profile = profile }).StateBytes, 1, most);
}
