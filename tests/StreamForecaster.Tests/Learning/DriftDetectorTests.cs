using StreamForecaster.Learning;

namespace StreamForecaster.Tests.Learning;

public sealed class DriftDetectorTests
{
    static readonly LearnOptions Options = new();

    [Fact]
    public void Add_SteadyLosses_RaisesNoAlarm()
    {
        DriftDetector detector = default;

        Assert.Equal(-1, FirstAlarm(ref detector, 5000, _ => 1));
    }

    [Fact]
    public void Add_LossesThatTriple_RaisesAnAlarmWithinTwentySteps()
    {
        DriftDetector detector = default;

        Assert.InRange(FirstAlarm(ref detector, 500, step => step < 200 ? 1 : 3), 200, 220);
    }

    [Fact]
    public void Add_OneHugeLoss_RaisesNoAlarm()
    {
        DriftDetector detector = default;

        Assert.Equal(-1, FirstAlarm(ref detector, 500, step => step == 200 ? 1e9 : 1));
    }

    [Fact]
    public void Add_LossesThatRiseWithTheLastValues_RaisesNoAlarm()
    {
        DriftDetector detector = default;

        Assert.Equal(-1, FirstAlarm(ref detector, 5000, step => step < 200 ? 1 : 3, step => step < 200 ? 2 : 6));
    }

    [Fact]
    public void Add_AfterAnAlarm_TakesTheNewLossesAsTheMeasure()
    {
        DriftDetector detector = default;
        FirstAlarm(ref detector, 500, step => step < 200 ? 1 : 3);

        Assert.Equal(-1, FirstAlarm(ref detector, 5000, _ => 3));
    }

    static int FirstAlarm(ref DriftDetector detector, int steps, Func<int, double> loss, Func<int, double>? reference = null)
    {
        for (int step = 0; step < steps; step++)
        {
            // A fifth up and down: tolerated.
            double noise = 0.8 + (0.4 * SampleHash.Unit(SampleHash.Mix((ulong)step)));
            if (detector.Add(loss(step) * noise, reference?.Invoke(step) ?? 1, Options.DriftTolerance, Options.DriftThreshold))
            {
                return step;
            }
        }

        return -1;
    }
}
