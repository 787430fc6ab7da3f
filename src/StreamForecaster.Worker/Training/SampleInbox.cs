using StreamForecaster.Learning;

namespace StreamForecaster.Worker.Training;

/// <summary>The bounded queue of a group's samples from its lanes to the trainer. When it is full the oldest sample is dropped and
/// counted: the trainer never holds up a lane.</summary>
sealed class SampleInbox(SampleShape shape, int capacity, int samplesPerStep) : IGroupTraining
{
    readonly Lock _lock = new();
    readonly SampleStore _ring = new(shape, capacity);
    int _first;
    int _count;
    long _dropped;
    long _nowNs;
    long _stepNs;

    /// <summary>Samples dropped because the inbox was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public bool Wants(ulong series, long knownNs, int seriesInGroup) =>
        SampleThinning.Keep(series, knownNs, seriesInGroup, samplesPerStep);

    /// <inheritdoc/>
    public void Offer(in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets)
    {
        lock (_lock)
        {
            if (_count == capacity)
            {
                _first = (_first + 1) % capacity;
                _count--;
                _dropped++;
            }

            Span<float> floats = _ring.Write((_first + _count++) % capacity, info);
            inputs.CopyTo(floats);
            known.CopyTo(floats[inputs.Length..]);
            targets.CopyTo(floats[(inputs.Length + known.Length)..]);
        }
    }

    /// <inheritdoc/>
    public void Advance(long nowNs, long stepNs)
    {
        lock (_lock)
        {
            _nowNs = Math.Max(_nowNs, nowNs);
            _stepNs = stepNs;
        }
    }

    /// <summary>Takes the oldest sample into <paramref name="floats"/>; false where there is none.</summary>
    public bool TryTake(out SampleInfo info, Span<float> floats)
    {
        lock (_lock)
        {
            if (_count == 0)
            {
                info = default;
                return false;
            }

            info = _ring.Info(_first);
            _ring.Floats(_first).CopyTo(floats);
            _first = (_first + 1) % capacity;
            _count--;
            return true;
        }
    }

    /// <summary>The latest time that a lane told, and the step's length; 0 before the first.</summary>
    public (long NowNs, long StepNs) Time()
    {
        lock (_lock)
        {
            return (_nowNs, _stepNs);
        }
    }
}
