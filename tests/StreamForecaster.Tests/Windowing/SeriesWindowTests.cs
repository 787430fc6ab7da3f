using StreamForecaster.Windowing;

namespace StreamForecaster.Tests.Windowing;

public sealed class SeriesWindowTests
{
    const long Minute = 60_000_000_000;

    [Fact]
    public void Step_AfterManyAppends_GivesTheValuesBack()
    {
        SeriesWindow window = new(lookback: 16, horizons: 4);
        byte[] state = new byte[window.StateBytes];
        for (int i = 0; i < 500; i++)
        {
            window.Append(state, 1000 + (i % 50), missing: i % 7 == 0, index: i);
        }

        for (int back = 0; back < window.Capacity; back++)
        {
            WindowStep step = window.Step(state, back);
            Assert.Equal(499 - back, step.Index);
            Assert.Equal(1000 + ((499 - back) % 50), step.Value, 1e-3);
            Assert.Equal((499 - back) % 7 == 0, step.Missing);
        }
    }

    [Fact]
    public void Append_LastingNewLevel_SetsTheScaleAnewOnce()
    {
        SeriesWindow window = new(lookback: 60, horizons: 4);
        byte[] state = new byte[window.StateBytes];
        int rescaled = 0;
        for (int i = 0; i < 1000; i++)
        {
            double value = (i < 500 ? 0 : 1e6) + (i * 37 % 11);
            rescaled += window.Append(state, value, missing: false, index: i) && i > 64 ? 1 : 0;
        }

        Assert.InRange(rescaled, 1, 2);
        Assert.InRange(window.Step(state, 0).Scaled, -3, 3);
    }

    [Fact]
    public void TrySample_FullRing_HasTargetsAsChangesFromTheLastInput()
    {
        SeriesWindow window = new(lookback: 24, horizons: 3);
        byte[] state = new byte[window.StateBytes];
        float[] inputs = new float[24 * ModelFeatures.Count];
        float[] targets = new float[3];
        CalendarClock calendar = new(TimeZoneInfo.Utc);
        for (int i = 0; i < 40; i++)
        {
            window.Append(state, i, missing: false, index: i);
        }

        Assert.True(window.TrySample(state, inputs, targets, out bool anomalous, calendar, Minute));
        Assert.False(anomalous);
        SeriesWindow.Header head = SeriesWindow.Head(state);
        Assert.Equal(1, head.Change, 1e-5);
        Assert.Equal(1, targets[0], 1e-5);
        Assert.Equal(3 / Math.Sqrt(3), targets[2], 1e-5);
        Assert.Equal(0.5, inputs[^1], 1e-5);
        window.Append(state, 40, missing: true, index: 40);
        Assert.False(window.TrySample(state, inputs, targets, out _, calendar, Minute));
    }

    [Fact]
    public void Append_AStillSeriesThatBeginsToMove_HasAUsualChangeThatFollows()
    {
        SeriesWindow window = new(lookback: 24, horizons: 2);
        byte[] state = new byte[window.StateBytes];
        for (int i = 0; i < 200; i++)
        {
            window.Append(state, i < 100 ? 5 : 5 + (i % 2), missing: false, index: i);
            Assert.True(SeriesWindow.UsualChange(SeriesWindow.Head(state)) > 0);
        }

        Assert.InRange(SeriesWindow.UsualChange(SeriesWindow.Head(state)), 0.1, 1);
        double before = SeriesWindow.UsualChange(SeriesWindow.Head(state));
        window.Append(state, 1e9, missing: false, index: 200);
        Assert.InRange(SeriesWindow.UsualChange(SeriesWindow.Head(state)), before, 1.1 * before);
    }

    [Fact]
    public void TrySample_ShortWindow_IsPaddedWithItsOldestStepFlaggedAsAGap()
    {
        SeriesWindow window = new(lookback: 24, horizons: 2);
        byte[] state = new byte[window.StateBytes];
        float[] inputs = new float[24 * ModelFeatures.Count];
        for (int i = 0; i < 22; i++)
        {
            window.Append(state, i, missing: false, index: i);
        }

        Assert.True(window.TrySample(state, inputs, new float[2], out _, new(TimeZoneInfo.Utc), Minute));
        float[] gaps = [.. Enumerable.Range(0, 24).Select(i => inputs[(i * ModelFeatures.Count) + ModelFeatures.Gap])];
        Assert.Equal([1f, 1f, 1f, 1f, .. Enumerable.Repeat(0f, 20)], gaps);
        Assert.Equal(inputs[4 * ModelFeatures.Count], inputs[0]);
    }

    [Fact]
    public void Append_AnyFiniteValue_KeepsTheRingFinite()
    {
        SeriesWindow window = new(lookback: 8, horizons: 3);
        byte[] state = new byte[window.StateBytes];
        double[] wild = [0, 1e100, -1e100, double.Epsilon, 1, 1e-300, 5, 5, 5, 5, 5, 5, 5];
        for (int i = 0; i < 300; i++)
        {
            window.Append(state, wild[i % wild.Length], missing: false, index: i);
            Assert.True(double.IsFinite(window.Step(state, 0).Value));
            Assert.True(SeriesWindow.Head(state).Scale > 0);
        }
    }

    [Fact]
    public void At_SummerTimeInBerlin_IsTwoHoursAhead()
    {
        CalendarClock calendar = new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
        long noonUtc = (long)(new DateTime(2026, 7, 1, 12, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).TotalSeconds;
        var time = calendar.At(noonUtc / 60, Minute);
        Assert.Equal(14 * 3600, time.SecondOfDay);
        Assert.Equal((int)DayOfWeek.Wednesday, time.DayOfWeek);
    }
}
