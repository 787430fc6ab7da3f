using StreamForecaster.Forecasting;

namespace StreamForecaster.Tests.Forecasting;

/// <summary>One series run through a mixture: what the lane does, in a few lines.</summary>
sealed class SeriesRun
{
    public const int StepSeconds = 3600;

    public SeriesRun(MixtureOptions options, int horizons = 12)
    {
        Mixture = new ForecastMixture(options, horizons);
        State = new byte[Mixture.StateBytes];
        Mixture.Initialize(State);
        Bands = new HorizonBand[Mixture.Horizons];
    }

    public ForecastMixture Mixture { get; }

    public byte[] State { get; }

    public HorizonBand[] Bands { get; }

    public long Steps { get; private set; }

    public static StepTime At(long index) => new(
        index * StepSeconds * 1_000_000_000L, (int)(index * StepSeconds % 86_400), (int)((index / 24 + 4) % 7), index, StepSeconds);

    public void Step(double value, bool missing = false, double[]? model = null)
    {
        Mixture.Observe(State, value, At(Steps), missing);
        Mixture.Forecast(State, model, Bands);
        Steps++;
    }

    /// <summary>Runs the values, those that are not a number as missing ones, and returns, for one horizon, the mean absolute error and the share
    /// inside the band after a warm-up.</summary>
    public (double Error, double Coverage) Run(double[] values, int horizon, int warmUp)
    {
        double error = 0, inside = 0;
        var count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (i >= warmUp && !double.IsNaN(values[i]) && Mixture.HasPending(State, horizon))
            {
                var band = Mixture.Pending(State, horizon);
                error += Math.Abs(band.Yhat - values[i]);
                inside += values[i] >= band.Lower && values[i] <= band.Upper ? 1 : 0;
                count++;
            }

            Step(values[i], double.IsNaN(values[i]));
        }

        return (error / count, inside / count);
    }
}
