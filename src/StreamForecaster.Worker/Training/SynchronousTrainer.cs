using System.Collections.Immutable;
using StreamForecaster.Learning;
using StreamForecaster.Models;

namespace StreamForecaster.Worker.Training;

/// <summary>
/// Training inside the stream, for backtests and tests: samples are learned from in the order (known, series), a training is done
/// when its step comes, and its champion answers a fixed number of steps later. So a run is a function of the records, however many
/// lanes and threads there are. One lane never waits; several meet at barriers of event time (<see cref="MayClose"/>).
/// </summary>
public sealed class SynchronousTrainer : ITraining
{
    readonly Lock _lock = new();
    readonly SortedDictionary<string, SynchronousGroup> _groups = new(StringComparer.Ordinal);
    readonly Dictionary<int, long> _reachedNs = [];
    readonly long _barrierNs;
    readonly bool _isAlone;
    long _passedNs = long.MinValue;
    ImmutableArray<LearningStatus> _statuses = [];

    /// <param name="lanes">How many lanes there are from the beginning; 1: it stays alone. Others <see cref="Enter"/>.</param>
    /// <param name="barrier">Event time between two barriers: at most the activation delay of every group. Of no meaning to one
    /// lane.</param>
    public SynchronousTrainer(int lanes, TimeSpan barrier)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lanes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(barrier, TimeSpan.Zero);
        _isAlone = lanes == 1;
        _barrierNs = barrier.Ticks * TimeSpan.NanosecondsPerTick;
        for (int lane = 0; lane < lanes; lane++)
        {
            _reachedNs[lane] = long.MinValue;
        }
    }

    /// <summary>Called when a barrier has been passed: lanes that had to wait may ask again.</summary>
    public Action? BarrierPassed { get; set; }

    /// <inheritdoc/>
    public Action<Champion>? ChampionReady { get; set; }

    /// <inheritdoc/>
    public IReadOnlyList<LearningStatus> Statuses => _statuses;

    /// <inheritdoc/>
    public double? CpuShare => null;

    /// <inheritdoc/>
    public IGroupTraining Join(int lane, string group, ModelSpec spec, LearnOptions options)
    {
        lock (_lock)
        {
            if (!_groups.TryGetValue(group, out SynchronousGroup? found))
            {
                found = new SynchronousGroup(new GroupLearner(group, spec, options), options);
                _groups.Add(group, found);
            }

            return new LaneEntry(this, found);
        }
    }

    /// <summary>True where one lane learns alone and never waits.</summary>
    public bool IsAlone => _isAlone;

    /// <summary>A lane comes in: from here on the others wait for it.</summary>
    public void Enter(int lane)
    {
        lock (_lock)
        {
            _reachedNs[lane] = long.MinValue;
        }
    }

    /// <summary>A lane is about to close a step. False: it must wait, and ask again, until the other lanes have come as far.</summary>
    /// <param name="lane">The lane's number.</param>
    /// <param name="stepEndNs">End of the step.</param>
    public bool MayClose(int lane, long stepEndNs)
    {
        if (_isAlone)
        {
            return true;
        }

        bool passed, may;
        lock (_lock)
        {
            _reachedNs[lane] = Math.Max(_reachedNs.GetValueOrDefault(lane, long.MinValue), stepEndNs);
            passed = Pass();
            may = _passedNs != long.MinValue && stepEndNs <= _passedNs + _barrierNs;
        }

        if (passed)
        {
            BarrierPassed?.Invoke();
        }

        return may;
    }

    /// <summary>A lane has come to the end of its input, or has none for now: nobody waits for it until it asks again.</summary>
    public void End(int lane)
    {
        bool passed;
        lock (_lock)
        {
            _reachedNs.Remove(lane);
            passed = Pass();
        }

        if (passed)
        {
            BarrierPassed?.Invoke();
        }
    }

    // Everybody has closed all that ends before the slowest one's next step.
    bool Pass()
    {
        long slowestNs = _reachedNs.Count == 0 ? long.MinValue : _reachedNs.Values.Min();
        if (slowestNs == long.MinValue)
        {
            return false;
        }

        long barrierNs = (slowestNs - 1) / _barrierNs * _barrierNs;
        if (barrierNs <= _passedNs)
        {
            return false;
        }

        _passedNs = barrierNs;
        Learn(barrierNs);
        return true;
    }

    void Learn(long upToNs)
    {
        foreach (SynchronousGroup group in _groups.Values)
        {
            foreach (Champion champion in group.Learn(upToNs))
            {
                ChampionReady?.Invoke(champion);
            }
        }

        _statuses = [.. _groups.Values.Select(group => group.Status)];
    }

    void Advance(SynchronousGroup group, long nowNs, long stepNs)
    {
        lock (_lock)
        {
            group.StepNs = stepNs;
            if (_isAlone)
            {
                Learn(nowNs);
            }
            else if (group.DelayNs < _barrierNs)
            {
                throw new InvalidOperationException(
                    $"Group '{group.Status.Group}': {nameof(LearnOptions.ActivationDelaySteps)} must cover the {_barrierNs / 1_000_000_000} s between two barriers.");
            }
        }
    }

    sealed class LaneEntry(SynchronousTrainer trainer, SynchronousGroup group) : IGroupTraining
    {
        // Thinning must not depend on how many series a lane holds: the group thins when its lanes have met.
        public bool Wants(ulong series, long knownNs, int seriesInGroup) => true;

        public void Offer(in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets)
        {
            lock (trainer._lock)
            {
                group.Add(info, inputs, known, targets);
            }
        }

        public void Advance(long nowNs, long stepNs) => trainer.Advance(group, nowNs, stepNs);
    }
}
