namespace StreamForecaster.Models;

/// <summary>
/// One training run of a model, whose weights it changes: optimiser state, schedule and workspace. Not thread-safe. The same
/// model, options and batches give the same weights bit for bit on one machine.
/// </summary>
public sealed class ModelTraining
{
    readonly TrainingOptions _options;
    readonly IGradientEngine _engine;
    readonly Optimizer _optimizer;
    readonly LearningRate _rate;
    readonly Weights _gradients;

    /// <exception cref="ArgumentException">The options do not fit the model.</exception>
    public ModelTraining(Forecaster model, TrainingOptions options)
        : this(model, options, new ManagedEngine())
    {
    }

    /// <summary>A run whose forward and backward passes are another engine's.</summary>
    /// <exception cref="ArgumentException">The options do not fit the model.</exception>
    public ModelTraining(Forecaster model, TrainingOptions options, IModelEngine engine)
    {
        (Model, _options) = (model, options);
        _gradients = model.Weights.NewZeros();
        _engine = engine.Gradients(model.Spec, model.Weights, _gradients, options);
        _optimizer = new Optimizer(model.Weights, options);
        _rate = new LearningRate(options);
        if (options.AverageDecay > 0) Averaged = model.Clone();
    }

    public Forecaster Model { get; }

    /// <summary>The exponential average of the weights over the run's steps (Polyak and Juditsky 1992); null unless asked for.</summary>
    public Forecaster? Averaged { get; }

    /// <summary>Steps done.</summary>
    public long Steps { get; private set; }

    /// <summary>Steps whose gradient was not finite: they changed nothing.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>The learning rate of the next step.</summary>
    public double Rate => _rate.At(Steps);

    /// <summary>
    /// One step. Inputs [batch, steps, inputs] with steps ≥ lookback (earlier steps carry the state into the window, without
    /// gradient), known [batch, horizon, known], targets [batch, horizon, output] as changes from the last value in scaled
    /// units, NaN where there is none (a classifier: [batch] class indices), sample weights [batch] ≥ 0 or none.
    /// </summary>
    /// <returns>The loss before the step, a mean over all targets that are there.</returns>
    /// <exception cref="ArgumentException">A span does not have that size.</exception>
    public double Step(
        int batch, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets, ReadOnlySpan<float> sampleWeights)
    {
        double loss = Gradients(batch, inputs, known, targets, sampleWeights);
        if (!_optimizer.Update(Model.Weights, _gradients, Rate)) SkippedSteps++;
        Steps++;
        if (Averaged is not null) Average(Averaged.Weights.Edit(), Model.Weights.Values);
        return loss;
    }

    /// <summary>A loss on held-back windows, for the schedule that watches it.</summary>
    public void ObserveValidation(double loss) => _rate.ObserveValidation(loss);

    /// <summary>The gradient of the last <see cref="Gradients"/> or <see cref="Step"/>.</summary>
    internal Weights LastGradients => _gradients;

    internal double Gradients(
        int batch, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets, ReadOnlySpan<float> sampleWeights)
    {
        ModelSpec spec = Model.Spec;
        int steps = BatchShape.Steps(spec, batch, inputs.Length);
        BatchShape.Require("known", known.Length, batch * spec.Horizons * spec.Known);
        BatchShape.Require("targets", targets.Length, batch * spec.TargetSize);
        if (!sampleWeights.IsEmpty) BatchShape.Require("sample weights", sampleWeights.Length, batch);
        _gradients.Edit().Clear();
        double done = Math.Min(1, (double)Steps / _options.TotalSteps);
        double forcing = _options.TeacherForcing + (_options.TeacherForcingLast - _options.TeacherForcing) * done;
        TrainingBatch given = new()
        {
            Count = batch,
            Steps = steps,
            Inputs = inputs,
            Known = known,
            Targets = targets,
            SampleWeights = sampleWeights,
        };
        return _engine.Compute(given, new TrainingPass((ulong)_options.Seed, (ulong)Steps, forcing));
    }

    void Average(Span<float> average, ReadOnlySpan<float> values)
    {
        // The first steps count evenly, or the start would weigh on the average for a thousand steps.
        float keep = (float)Math.Min(_options.AverageDecay, (Steps - 1.0) / Steps);
        for (int i = 0; i < average.Length; i++) average[i] = keep * average[i] + (1 - keep) * values[i];
    }
}
