using System.Diagnostics;
using System.Globalization;
using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;
using StreamForecaster.Scoring;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// <c>experts</c>: what a point costs beside the model, by profile, at 7 horizons: the mixture as a whole, its parts, and
/// the score. Best of many short rounds over 64 series, in passes seconds apart: other work on the machine disturbs little, and the
/// runtime has compiled for good what the later ones run.
/// </summary>
static class MixtureBench
{
    const int Series = 64;
    const int Horizons = 7;
    const int Rounds = 400;
    const int Passes = 20;

    internal static int Run(string[] args)
    {
        var horizons = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var asked) ? asked : Horizons;
        Console.WriteLine($"µs a point and series, {horizons} horizons, best of {Passes} passes of {Rounds} rounds of {Series} series");
        var (full, lean) = (Cost.None, Cost.None);
        for (var pass = 0; pass < Passes; pass++)
        {
            full = full.Least(Mixture(SeriesProfile.Full, horizons) with { Score = Score(SeriesProfile.Full) });
            lean = lean.Least(Mixture(SeriesProfile.Lean, horizons) with { Score = Score(SeriesProfile.Lean) });
        }

        Print(SeriesProfile.Full, full);
        Print(SeriesProfile.Lean, lean);

        Print("one regression of 12 features", Regression(3, horizons));
        Print("one regression of 8 features", Regression(1, horizons));
        Print("season: one look at 2,048 values", Season());
        return 0;
    }

    static void Print(SeriesProfile profile, Cost cost)
    {
        Print($"{profile} mixture: observe (learn)", cost.Observe);
        Print($"{profile} mixture: forecast", cost.Forecast);
        Print($"{profile} score", cost.Score);
        Print($"{profile} all", cost.Observe + cost.Forecast + cost.Score);
        Console.WriteLine($"  {cost.Bytes} bytes of mixture a series");
    }

    static void Print(string what, double microseconds) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-36}{microseconds,8:F3}"));

    static Cost Mixture(SeriesProfile profile, int horizons)
    {
        var mixture = new ForecastMixture(new MixtureOptions { Profile = profile }, horizons);
        var states = States(mixture.StateBytes, mixture.Initialize);
        var bands = new HorizonBand[horizons];
        var random = new Random(1);
        double observe = double.MaxValue, forecast = double.MaxValue;
        for (var step = 0L; step < 1_000 + Rounds; step++)
        {
            var time = At(step);
            var value = (10 * Math.Sin(2 * Math.PI * step / 24)) + random.NextDouble();
            var start = Stopwatch.GetTimestamp();
            foreach (var state in states)
            {
                mixture.Observe(state, value, time, false);
            }

            var middle = Stopwatch.GetTimestamp();
            foreach (var state in states)
            {
                mixture.Forecast(state, [], bands);
            }

            observe = Best(observe, step, Stopwatch.GetElapsedTime(start, middle));
            forecast = Best(forecast, step, Stopwatch.GetElapsedTime(middle));
        }

        return new Cost(observe, forecast, double.MaxValue, mixture.StateBytes);
    }

    static double Score(SeriesProfile profile)
    {
        var scorer = new AnomalyScorer(new ScoreOptions { Profile = profile });
        var states = States(scorer.StateBytes, scorer.Initialize);
        var random = new Random(2);
        var best = double.MaxValue;
        for (var step = 0L; step < 1_000 + Rounds; step++)
        {
            var evidence = new StepEvidence(random.NextDouble(), new HorizonBand(0.5, 0, 1, 0), true, At(step), false, false);
            var start = Stopwatch.GetTimestamp();
            foreach (var state in states)
            {
                scorer.Score(state, evidence);
            }

            best = Best(best, step, Stopwatch.GetElapsedTime(start));
        }

        return best;
    }

    static double Regression(int harmonics, int horizons)
    {
        var regression = new RegressionExpert(new RegressionSettings(0.9995f, 3, TrendExperts.Mean700, harmonics), horizons);
        var states = Enumerable.Range(0, Series).Select(_ => new float[regression.StateLength]).ToArray();
        foreach (var state in states)
        {
            regression.Initialize(state);
        }

        var features = new float[12];
        var (values, changes, output) = (new double[horizons], Enumerable.Repeat(1f, horizons).ToArray(), new float[horizons]);
        var random = new Random(3);
        var best = double.MaxValue;
        for (var step = 0L; step < 1_000 + Rounds; step++)
        {
            for (var i = 0; i < features.Length; i++)
            {
                features[i] = i == 0 ? 1 : (float)random.NextDouble() - 0.5f;
            }

            var start = Stopwatch.GetTimestamp();
            foreach (var state in states)
            {
                regression.Learn(state, step, features[1], values);
                regression.Observe(state, step, features, (int)step + 1);
                regression.Forecast(state, step, changes, output, 1);
            }

            best = Best(best, step, Stopwatch.GetElapsedTime(start));
            values[step % horizons] = features[1];
        }

        return best;
    }

    static double Season()
    {
        var finder = new PeriodFinder();
        var random = new Random(4);
        var values = Enumerable.Range(0, 2_048).Select(i => (float)(Math.Sin(i * 0.05) + random.NextDouble())).ToArray();
        var best = double.MaxValue;
        for (var round = 0; round < 100; round++)
        {
            var start = Stopwatch.GetTimestamp();
            finder.Find(values, 0, 24, 168);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return best;
    }

    delegate void Initializer(Span<byte> state);

    static byte[][] States(int bytes, Initializer initialize)
    {
        var states = Enumerable.Range(0, Series).Select(_ => new byte[bytes]).ToArray();
        foreach (var state in states)
        {
            initialize(state);
        }

        return states;
    }

    /// <summary>The first thousand steps warm the code and the series up.</summary>
    static double Best(double best, long step, TimeSpan elapsed) =>
        step < 1_000 ? best : Math.Min(best, elapsed.TotalMicroseconds / Series);

    /// <summary>µs of each part, and the mixture's bytes.</summary>
    readonly record struct Cost(double Observe, double Forecast, double Score, int Bytes)
    {
        internal static Cost None => new(double.MaxValue, double.MaxValue, double.MaxValue, 0);

        internal Cost Least(Cost other) =>
            new(Math.Min(Observe, other.Observe), Math.Min(Forecast, other.Forecast), Math.Min(Score, other.Score), other.Bytes);
    }

    static StepTime At(long step) => new(step * 3_600_000_000_000, (int)(step * 3_600 % 86_400), (int)(step / 24 % 7), step, 3_600);
}
