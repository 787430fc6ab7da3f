using StreamForecaster.Models;

namespace StreamForecaster.Learning.Tables;

/// <summary>Where a training stands. Losses are pinball losses in scaled units; <paramref name="LastValueLoss"/> is that of forecasting no change.</summary>
public readonly record struct TableProgress(int Step, double TrainingLoss, double HeldBackLoss, double LastValueLoss);

/// <summary>Trains one model on <see cref="TableSamples"/> and leaves it with the weights that were best on the held-back ones.</summary>
/// <param name="model">The model, whose weights are changed.</param>
/// <param name="samples">The samples.</param>
/// <param name="options">How.</param>
/// <param name="engine">What computes the gradients.</param>
public sealed class TableTraining(Forecaster model, TableSamples samples, TableTrainingOptions options, IModelEngine engine)
{
    const int Looks = 20;

    /// <summary>Told at every look at the held-back loss.</summary>
    public Action<TableProgress>? Looked { get; set; }

    /// <summary>Trains. The model before the first step is among the candidates: a start that is not bettered stays.</summary>
    /// <exception cref="ArgumentException">A frozen part is not in the model.</exception>
    public TableProgress Run()
    {
        SampleShape shape = samples.Store.Shape;
        ModelTraining training = new(model, new TrainingOptions
        {
            LearningRate = options.LearningRate,
            TotalSteps = options.Steps,
            WarmUpSteps = Math.Min(20, options.Steps / 5),
            Frozen = options.Frozen,
            Seed = options.Seed,
        }, engine);
        float[] inputs = new float[options.BatchSize * shape.InputFloats];
        float[] targets = new float[options.BatchSize * shape.Horizons];
        SeededSequence random = new((ulong)options.Seed);
        WindowLosses measure = new(model.Spec);
        double lastValue = measure.Measure(null, samples.Store, samples.HeldBack).Pinball.Average();
        EarlyStop stop = new(model, options.Patience);
        stop.Observe(Measured(measure));
        TableProgress best = new(0, double.NaN, stop.BestLoss, lastValue);
        int every = Math.Max(1, options.Steps / Looks);
        double sum = 0;
        for (int step = 1; step <= options.Steps; step++)
        {
            Draw(ref random, inputs, targets);
            sum += training.Step(options.BatchSize, inputs, [], targets, []);
            if (step % every != 0 && step != options.Steps)
            {
                continue;
            }

            TableProgress now = new(step, sum / (((step - 1) % every) + 1), Measured(measure), lastValue);
            sum = 0;
            best = now.HeldBackLoss < best.HeldBackLoss ? now : best;
            Looked?.Invoke(now);
            if (stop.Observe(now.HeldBackLoss))
            {
                break;
            }
        }

        stop.RestoreBest();
        return best;
    }

    double Measured(WindowLosses measure) => measure.Measure(model, samples.Store, samples.HeldBack).Pinball.Average();

    void Draw(ref SeededSequence random, Span<float> inputs, Span<float> targets)
    {
        SampleShape shape = samples.Store.Shape;
        for (int row = 0; row < options.BatchSize; row++)
        {
            int slot = samples.Train[random.NextIndex(samples.TrainCount)];
            samples.Store.Inputs(slot).CopyTo(inputs[(row * shape.InputFloats)..]);
            samples.Store.Targets(slot).CopyTo(targets[(row * shape.Horizons)..]);
        }
    }
}
