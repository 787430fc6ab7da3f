using System.Globalization;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Training;

/// <summary>A lane with seasonal series that close a step a second and bring their samples to training.</summary>
sealed class SeasonalLane(ITraining training, int lane, string group, IReadOnlyList<int> series)
{
    public const long StepNs = 1_000_000_000;

    readonly IGroupTraining _training = training.Join(lane, group, Spec, Options);
    readonly float[] _inputs = new float[Spec.Lookback];
    readonly float[] _targets = new float[Spec.Horizons];

    public static LearnOptions Options { get; } = new()
    {
        Model = new() { HiddenSize = 8, Lookback = 8, Horizons = 2 },
        BudgetSteps = 120,
        BatchSize = 16,
        DutyCycle = 1,
    };

    public static ModelSpec Spec { get; } = Options.Model.ToSpec(1);

    /// <summary>Closes one step.</summary>
    public void Close(long step)
    {
        long endNs = (step + 1) * StepNs;
        foreach (int one in series)
        {
            long origin = step - Spec.Horizons;
            ulong key = SampleHash.OfName(one.ToString(CultureInfo.InvariantCulture));
            if (origin < Spec.Lookback || !_training.Wants(key, endNs, series.Count))
            {
                continue;
            }

            for (int i = 0; i < _inputs.Length; i++)
            {
                _inputs[i] = Value(one, origin - _inputs.Length + 1 + i);
            }

            for (int h = 0; h < _targets.Length; h++)
            {
                _targets[h] = Value(one, origin + 1 + h) - Value(one, origin);
            }

            _training.Offer(new(key, endNs - (Spec.Horizons * StepNs), endNs, 1), _inputs, [], _targets);
        }

        _training.Advance(endNs, StepNs);
    }

    static float Value(int series, long step) =>
        (float)(Math.Sin(2 * Math.PI * (step + (5 * series)) / 16) + (0.1 * SampleHash.Unit(SampleHash.Mix((ulong)series, (ulong)step))));
}
