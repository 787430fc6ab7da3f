using StreamForecaster.Alignment;
using StreamForecaster.Learning;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Lanes;

/// <summary>What the lane gives to training, and the champions that synchronous training hands back.</summary>
sealed partial class Lane
{
    readonly ITraining _training;
    readonly int _number;
    readonly Queue<Champion> _awaited = new();
    float[] _sampleInputs = [];
    float[] _sampleTargets = [];

    // Samples of a step are complete when a later step of the group closes; time then moves on for the learner.
    void Offer(in Closing closing)
    {
        LaneGroup group = closing.Series.Group;
        long endNs = closing.Time.UnixNs + closing.StepNs;
        if (endNs > group.StepEndNs)
        {
            if (group.StepEndNs != 0)
            {
                group.Training!.Advance(group.StepEndNs, closing.StepNs);
            }

            group.StepEndNs = endNs;
        }

        ActivateAwaited(endNs);
        if (closing.Step.Kind != StepKind.Measured || !group.Training!.Wants(closing.Series.Hash, endNs, group.SeriesCount))
        {
            return;
        }

        Span<float> inputs = Sized(ref _sampleInputs, group.Spec.Lookback * ModelFeatures.Count);
        Span<float> targets = Sized(ref _sampleTargets, group.Spec.Horizons);
        if (group.Window.TrySample(
            group.WindowOf(closing.Series), inputs, targets, out bool anomalous, group.Calendar, closing.StepNs))
        {
            float weight = anomalous ? (float)_settings.Learn.AnomalyWeight : 1;
            SampleInfo info = new(closing.Series.Hash, endNs - (group.Spec.Horizons * closing.StepNs), endNs, weight);
            group.Training.Offer(info, inputs, [], targets);
        }
    }

    /// <summary>Synchronous training names the group time from which its champion answers: a function of the records, so no journal entry.</summary>
    public void Await(Champion champion) => _awaited.Enqueue(champion);

    void ActivateAwaited(long endNs)
    {
        while (_awaited.TryPeek(out Champion? champion) && champion.ActiveFromNs < endNs)
        {
            _awaited.Dequeue();
            Activate(champion.Group, champion.Version, champion.Model);
        }
    }
}
