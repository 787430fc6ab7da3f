using StreamForecaster.Models;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Benchmarks;

/// <summary>A model trained on waves like those of <see cref="MetricTopic"/>, put into the store as the champion of their group.</summary>
static class BenchModel
{
    const int Batch = 32;
    const int GradientSteps = 60;

    internal static void Store(Settings settings)
    {
        ModelSpec spec = settings.ToLane().ModelSpec();
        Forecaster model = Forecaster.Create(spec, seed: 7);
        ModelTraining training = new(model, new() { TotalSteps = GradientSteps, Seed = 7 });
        float[] inputs = new float[Batch * spec.Lookback * ModelFeatures.Count];
        float[] targets = new float[Batch * spec.Horizons];
        Random random = new(7);
        for (int step = 0; step < GradientSteps; step++)
        {
            Fill(spec, random, inputs, targets);
            training.Step(Batch, inputs, [], targets, []);
        }

        ModelStore store = new(Path.Combine(settings.State.Directory, "models"), settings.Learn.VersionsKept, TimeProvider.System);
        store.Add(new("cpu", 1, 0, model, new(Passed: true, "trained for the benchmark", default, Reservoir: null)));
    }

    static void Fill(ModelSpec spec, Random random, float[] inputs, float[] targets)
    {
        Array.Clear(inputs);
        for (int row = 0; row < Batch; row++)
        {
            float phase = random.NextSingle() * MathF.Tau;
            for (int t = 0; t < spec.Lookback; t++)
            {
                inputs[((row * spec.Lookback) + t) * ModelFeatures.Count] = MathF.Sin((t * 0.3f) + phase);
            }

            float last = MathF.Sin(((spec.Lookback - 1) * 0.3f) + phase);
            for (int h = 0; h < spec.Horizons; h++)
            {
                targets[(row * spec.Horizons) + h] = MathF.Sin(((spec.Lookback + h) * 0.3f) + phase) - last;
            }
        }
    }
}
