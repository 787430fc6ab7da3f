using StreamForecaster.Forecasting;

namespace StreamForecaster.Tests.Forecasting;

public sealed class RegressionExpertTests
{
    [Fact]
    public void Learn_OfALinearLaw_FindsItForEveryHorizon()
    {
        var regression = new RegressionExpert(new RegressionSettings(1, 1_000, TrendExperts.Mean700, 1), 3);
        var state = new float[regression.StateLength];
        regression.Initialize(state);
        var random = new Random(21);
        var features = new float[12];
        var values = new double[3];
        var last = 0.0;
        var forecasts = new float[3];
        double error = 0, size = 0;
        var drive = Streams.Noise(3_000, 22);
        for (var step = 3; step < drive.Length; step++)
        {
            // The next value is the last driver, the one after it half of that more: both linear in what is seen now.
            last += drive[step - 1] + (0.5 * drive[step - 2]);
            regression.Learn(state, step, last, values);
            error += step > 2_000 ? Math.Abs(forecasts[0] - (last - values[(step - 1) % 3])) : 0;
            size += step > 2_000 ? Math.Abs(last - values[(step - 1) % 3]) : 0;
            values[step % 3] = last;
            features[0] = 1;
            features[1] = (float)drive[step];
            features[2] = (float)drive[step - 1];
            features[3] = (float)random.NextDouble();
            regression.Observe(state, step, features, step - 2);
            regression.Forecast(state, step, [9, 9, 9], forecasts, 1);
        }

        Assert.InRange(error / size, 0, 0.05);
    }

    [Fact]
    public void Skip_OfAStep_ForecastsNoChangeAndLearnsNothing()
    {
        var regression = new RegressionExpert(new RegressionSettings(1, 3, TrendExperts.Mean700, 1), 2);
        var state = new float[regression.StateLength];
        regression.Initialize(state);
        regression.Skip(state, 0);
        var before = state.ToArray();
        regression.Learn(state, 1, 5, [0, 0]);
        var forecasts = new float[2];
        regression.Forecast(state, 0, [9, 9], forecasts, 1);
        Assert.Equal(before, state);
        Assert.Equal([0f, 0f], forecasts);
    }
}
