using System.Globalization;

namespace StreamForecaster.Models.Tests.Training;

/// <summary>Real rows are learned too, from five seeds, in seconds.</summary>
public sealed class LearningEtth2Tests
{
    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5];

    /// <summary>ETTh2's oil temperature, first 12 months: better on the last fifth of them than the best quantiles that do not look.</summary>
    [Theory, MemberData(nameof(Seeds))]
    public void Etth2_TrainingRows_BeatConstantQuantiles(int seed)
    {
        float[]? series = OilTemperature();
        Assert.SkipWhen(series is null, "shared/bench/ETTh2.csv is not here");
        ModelSpec spec = new() { HiddenSize = 16, Lookback = 48, Horizons = 12 };
        Forecaster model = Forecaster.Create(spec, seed);
        TrainingOptions options = new() { TotalSteps = 150, LearningRate = 1e-2 };
        ModelTraining training = new(model, options);
        SeededRandom random = new((ulong)seed);
        int split = series.Length * 4 / 5;
        for (int step = 0; step < 150; step++)
        {
            (float[] inputs, float[] targets) = Windows(spec, series, Draw(64, spec.Lookback, split - 12, ref random));
            training.Step(64, inputs, [], targets, []);
        }
        (_, float[] seen) = Windows(spec, series, Draw(800, spec.Lookback, split - 12, ref random));
        (float[] held, float[] truth) = Windows(spec, series, Draw(400, split + spec.Lookback, series.Length - 12, ref random));
        float[] output = new float[400 * spec.OutputSize];
        model.Predict(400, held, [], output);
        double ratio = PinballLoss(spec, output, truth) / PinballLoss(spec, Constant(spec, seen, 400), truth);
        TestContext.Current.TestOutputHelper?.WriteLine($"ETTh2, seed {seed}: {ratio:F2} of constant quantiles");
        Assert.InRange(ratio, .1, .9);
    }

    static int[] Draw(int count, int from, int to, ref SeededRandom random)
    {
        int[] ends = new int[count];
        foreach (ref int end in ends.AsSpan()) end = from + (int)(random.NextUniform() * (to - from));
        return ends;
    }

    static (float[] Inputs, float[] Targets) Windows(ModelSpec spec, float[] series, int[] ends)
    {
        float[] inputs = new float[ends.Length * spec.Lookback], targets = new float[ends.Length * spec.Horizons];
        for (int row = 0; row < ends.Length; row++)
        {
            series.AsSpan(ends[row] - spec.Lookback, spec.Lookback).CopyTo(inputs.AsSpan(row * spec.Lookback));
            for (int h = 0; h < spec.Horizons; h++) targets[row * spec.Horizons + h] = series[ends[row] + h] - series[ends[row] - 1];
        }
        return (inputs, targets);
    }

    static float[] Constant(ModelSpec spec, float[] seen, int rows)
    {
        float[] one = new float[spec.OutputSize];
        for (int h = 0; h < spec.Horizons; h++)
        {
            float[] sorted = [.. seen.Where((_, i) => i % spec.Horizons == h).Order()];
            for (int q = 0; q < 3; q++) one[h * 3 + q] = sorted[(int)(spec.Quantiles[q] * sorted.Length)];
        }
        return [.. Enumerable.Repeat(one, rows).SelectMany(o => o)];
    }

    static double PinballLoss(ModelSpec spec, float[] output, float[] truth)
    {
        double total = 0;
        for (int i = 0; i < output.Length; i++)
        {
            double tau = spec.Quantiles[i % 3], error = truth[i / 3] - output[i];
            total += Math.Max(tau * error, (tau - 1) * error);
        }
        return total / output.Length;
    }

    /// <summary>The last column of the first 8,640 rows (the usual training rows), standardised by them.</summary>
    static float[]? OilTemperature()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "shared", "bench", "ETTh2.csv"))) folder = folder.Parent;
        if (folder is null) return null;
        double[] values = [.. File.ReadLines(Path.Combine(folder.FullName, "shared", "bench", "ETTh2.csv")).Skip(1).Take(8640)
            .Select(line => double.Parse(line.AsSpan(line.LastIndexOf(',') + 1), CultureInfo.InvariantCulture))];
        double mean = values.Average(), deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        return [.. values.Select(v => (float)((v - mean) / deviation))];
    }
}
