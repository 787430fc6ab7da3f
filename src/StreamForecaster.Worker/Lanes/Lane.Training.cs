using System.Collections.Concurrent;
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
    readonly SynchronousTrainer? _meeting;
    readonly ConcurrentQueue<Champion> _arrived = new();
    readonly List<Champion> _awaited = [];
    long _grantedNs = long.MinValue;
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

        ActivateAwaited(_meeting is null ? endNs : _grantedNs);
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

    /// <summary>Synchronous training names the group time from which its champion answers: a function of the records, so no journal entry.
    /// May be called from any thread.</summary>
    public void Await(Champion champion) => _arrived.Enqueue(champion);

    void ActivateAwaited(long endNs)
    {
        while (_arrived.TryDequeue(out Champion? arrived))
        {
            _awaited.Add(arrived);
        }

        for (int i = 0; i < _awaited.Count; i++)
        {
            if (_awaited[i].ActiveFromNs < endNs)
            {
                Activate(_awaited[i].Group, _awaited[i].Version, _awaited[i].Model);
                _awaited.RemoveAt(i--);
            }
        }
    }

    // Where several lanes learn together, each closes a step only when the others have come near. All that was due before is handed over by
    // then, and a champion answers from the time on that the lane has been granted. Lateness depends on a step's length; less it at its
    // longest, the time is at most the step's end, and grows in the order of closing.
    bool MayClose(long dueNs)
    {
        long timeNs = dueNs - (_settings.Align.Lateness.Ticks * 100);
        if (_meeting is null || timeNs <= _grantedNs)
        {
            return true;
        }

        Forecast();
        if (!_meeting.MayClose(_number, timeNs))
        {
            return false;
        }

        _grantedNs = timeNs;
        return true;
    }
}
