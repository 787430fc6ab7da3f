using System.Globalization;
using StreamForecaster.Learning;
using StreamForecaster.Models;

namespace StreamForecaster.Tests.Learning;

/// <summary>A group of synthetic series that close a step a second and offer samples as a lane does, at a fixed scale of 1.</summary>
sealed class SyntheticGroup
{
    public const long StepNs = 1_000_000_000;

    readonly ModelSpec _spec;
    readonly Func<int, long, double> _value;
    readonly List<double>[] _past;

    /// <param name="spec">The model's shapes; the one input is the value.</param>
    /// <param name="series">Number of series.</param>
    /// <param name="value">The value of a series at a step; a NaN is not offered, as a lane would not.</param>
    public SyntheticGroup(ModelSpec spec, int series, Func<int, long, double> value)
    {
        _spec = spec;
        _value = value;
        _past = [.. Enumerable.Range(0, series).Select(_ => new List<double>())];
    }

    public long Step { get; private set; }

    public long NowNs => Step * StepNs;

    public static LearnOptions Options { get; } = new()
    {
        Model = new() { HiddenSize = 16, Lookback = 12, Horizons = 4 },
        BatchSize = 24,
    };

    public static ModelSpec Spec { get; } = Options.Model.ToSpec(1);

    /// <summary>A sine of period 24 of a series' own phase with seeded noise.</summary>
    public static double Season(int series, long step) =>
        Math.Sin(2 * Math.PI * (step + (7 * series)) / 24) + (0.1 * Noise(series, step));

    /// <summary>Noise of unit variance (a sum of uniforms), a function of series and step.</summary>
    public static double Noise(int series, long step)
    {
        double sum = 0;
        for (ulong i = 0; i < 4; i++)
        {
            sum += SampleHash.Unit(SampleHash.Mix((ulong)((series * 1_000_003L) + step), i)) - 0.5;
        }

        return sum * Math.Sqrt(3);
    }

    public static ulong Key(int series) => SampleHash.OfName(series.ToString(CultureInfo.InvariantCulture));

    /// <summary>Closes steps, offering every sample; trainings are done at once. <paramref name="judged"/> sees their outcomes.</summary>
    public void Run(GroupLearner learner, int steps, Action<TrainingOutcome>? judged = null)
    {
        for (int i = 0; i < steps; i++)
        {
            Learn(learner);
            while (learner.IsTraining)
            {
                if (learner.Work() is { } outcome)
                {
                    judged?.Invoke(outcome);
                }
            }
        }
    }

    /// <summary>Closes steps until a condition is met; trainings begin and are left to the caller.</summary>
    public void Run(GroupLearner learner, int stepsMax, Func<GroupLearner, bool> until)
    {
        for (int i = 0; i < stepsMax && !until(learner); i++)
        {
            Learn(learner);
        }
    }

    void Learn(GroupLearner learner)
    {
        Close();
        Each((series, inputs, targets) => learner.Offer(Info(series), inputs, [], targets));
        learner.Advance(NowNs, StepNs);
    }

    /// <summary>Closes steps without learning and returns a model's mean pinball loss on them; null is the last value.</summary>
    public double Loss(Forecaster? model, int steps) => Losses(model, null, steps).First;

    /// <summary>The losses of two models on the same steps.</summary>
    public (double First, double Second) Losses(Forecaster? first, Forecaster? second, int steps)
    {
        double firstSum = 0, secondSum = 0;
        int count = 0;
        for (int i = 0; i < steps; i++)
        {
            Close();
            Each((_, inputs, targets) =>
            {
                firstSum += Loss(first, inputs, targets);
                secondSum += Loss(second, inputs, targets);
                count++;
            });
        }

        return (firstSum / count, secondSum / count);
    }

    double Loss(Forecaster? model, float[] inputs, float[] targets)
    {
        float[] output = model is null ? [] : new float[_spec.Horizons * _spec.Quantiles.Length];
        model?.Predict(1, inputs, [], output);
        return PinballLoss.Of(targets, output, _spec.Quantiles);
    }

    void Close()
    {
        for (int series = 0; series < _past.Length; series++)
        {
            _past[series].Add(_value(series, Step));
        }

        Step++;
    }

    SampleInfo Info(int series) => new(Key(series), NowNs - (_spec.Horizons * StepNs), NowNs, 1);

    void Each(Action<int, float[], float[]> sample)
    {
        int length = _spec.Lookback + _spec.Horizons;
        if (Step < length)
        {
            return;
        }

        for (int series = 0; series < _past.Length; series++)
        {
            List<double> window = _past[series].GetRange(_past[series].Count - length, length);
            if (window.TrueForAll(double.IsFinite))
            {
                double last = window[_spec.Lookback - 1];
                sample(
                    series, [.. window.Take(_spec.Lookback).Select(x => (float)x)],
                    [.. window.Skip(_spec.Lookback).Select(x => (float)(x - last))]);
            }
        }
    }
}
