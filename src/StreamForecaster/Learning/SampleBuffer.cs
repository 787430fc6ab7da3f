using System.Runtime.InteropServices;

namespace StreamForecaster.Learning;

/// <summary>
/// The samples of one series group: a ring of the most recent ones and a long reservoir. The reservoir is uniform over the past while
/// that is short (Vitter 1985, algorithm R), then of exponentially falling age (Aggarwal 2006), so that a poisoned hour takes a
/// small part of it. Everything is decided by hashes of (series, time): the same offers in the same order give the same buffer.
/// </summary>
public sealed partial class SampleBuffer
{
    readonly LearnOptions _options;
    Counters _counters;

    /// <summary>An empty buffer.</summary>
    public SampleBuffer(SampleShape shape, LearnOptions options)
    {
        Shape = shape;
        _options = options;
        Recent = new SampleStore(shape, options.RecentSamples);
        Reservoir = new SampleStore(shape, options.ReservoirSamples);
    }

    /// <summary>The samples' shape.</summary>
    public SampleShape Shape { get; }

    /// <summary>Samples taken since the beginning.</summary>
    public long Taken => _counters.Taken;

    /// <summary>Samples refused because a float was not finite or the weight not positive.</summary>
    public long Refused => _counters.Refused;

    /// <summary>Samples in the ring.</summary>
    public int RecentCount => _counters.RecentCount;

    /// <summary>Samples in the reservoir.</summary>
    public int ReservoirCount => _counters.ReservoirCount;

    internal SampleStore Recent { get; }

    internal SampleStore Reservoir { get; }

    /// <summary>Takes a copy of a sample; its inputs and targets are clipped. Returns false where it is refused.</summary>
    /// <param name="info">Times, series, weight.</param>
    /// <param name="inputs"><c>[lookback, inputs]</c>, oldest first, scaled units.</param>
    /// <param name="known"><c>[horizon, known]</c>.</param>
    /// <param name="targets"><c>[horizon]</c>, changes from the last value, in usual changes.</param>
    public bool Offer(in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets)
    {
        Shape.Require(inputs.Length, known.Length, targets.Length);
        if (info.KnownNs <= info.OriginNs)
        {
            throw new ArgumentException($"A sample known at {info.KnownNs} cannot have its origin at {info.OriginNs}.", nameof(info));
        }

        Span<float> floats = Recent.Write(_counters.RecentNext, info);
        inputs.CopyTo(floats);
        known.CopyTo(floats[inputs.Length..]);
        targets.CopyTo(floats[(inputs.Length + known.Length)..]);
        if (!(info.Weight > 0) || !Clip(floats, (float)_options.Clip))
        {
            _counters.Refused++;
            _counters.RecentCount = Math.Min(_counters.RecentCount, Recent.Capacity - 1);
            return false;
        }

        CountStep(info.KnownNs);
        Draw(_counters.RecentNext, info);
        _counters.RecentNext = (_counters.RecentNext + 1) % Recent.Capacity;
        _counters.RecentCount = Math.Min(_counters.RecentCount + 1, Recent.Capacity);
        return true;
    }

    /// <summary>The ring's slot of the sample that came <paramref name="age"/> samples before the newest.</summary>
    internal int RecentSlot(int age) => (_counters.RecentNext - 1 - age + (2 * Recent.Capacity)) % Recent.Capacity;

    /// <summary>True where the sample's block of time is held back from training for ever. Blocks are twice as long as the forecast
    /// reaches, per series.</summary>
    internal bool IsHeldBack(in SampleInfo info)
    {
        ulong block = (ulong)(info.KnownNs / (2 * (info.KnownNs - info.OriginNs)));
        return SampleHash.Mix(info.Series, block) % (ulong)_options.HeldBackOneIn == 0;
    }

    /// <summary>Forgets every sample whose window or targets touch the period.</summary>
    /// <param name="fromNs">First moment, Unix nanoseconds.</param>
    /// <param name="toNs">Last moment.</param>
    /// <param name="stepNs">Length of a step.</param>
    public void Forget(long fromNs, long toNs, long stepNs)
    {
        int kept = 0;
        for (int slot = 0; slot < _counters.ReservoirCount; slot++)
        {
            if (!Touches(Reservoir.Info(slot), fromNs, toNs, stepNs))
            {
                Reservoir.Move(slot, kept++);
            }
        }

        _counters.ReservoirCount = kept;

        // The ring keeps its order: the kept ones move towards the newest slot.
        kept = 0;
        for (int age = 0; age < _counters.RecentCount; age++)
        {
            if (!Touches(Recent.Info(RecentSlot(age)), fromNs, toNs, stepNs))
            {
                Recent.Move(RecentSlot(age), RecentSlot(kept++));
            }
        }

        _counters.RecentCount = kept;
    }

    /// <summary>True where the sample's window or targets touch the period.</summary>
    public bool Touches(in SampleInfo info, long fromNs, long toNs, long stepNs) =>
        info.KnownNs >= fromNs && info.OriginNs - (Shape.Lookback * stepNs) <= toNs;

    // Into the reservoir with probability capacity / min(taken, memory), over a random one once it is full.
    void Draw(int slot, in SampleInfo info)
    {
        double perStep = (double)_counters.Taken / _counters.Steps;
        double memory = Math.Max(perStep * _options.ReservoirPeriods * _options.PeriodSteps, Reservoir.Capacity);
        ulong hash = SampleHash.Mix(info.Series, (ulong)info.KnownNs + 1);
        if (SampleHash.Unit(hash) * Math.Min(_counters.Taken, memory) >= Reservoir.Capacity)
        {
            return;
        }

        int to = _counters.ReservoirCount < Reservoir.Capacity
            ? _counters.ReservoirCount++
            : (int)(SampleHash.Mix(hash) % (ulong)Reservoir.Capacity);
        Recent.Floats(slot).CopyTo(Reservoir.Write(to, info));
    }

    void CountStep(long knownNs)
    {
        _counters.Taken++;
        if (knownNs != _counters.LastKnownNs)
        {
            _counters.LastKnownNs = knownNs;
            _counters.Steps++;
        }
    }

    static bool Clip(Span<float> floats, float limit)
    {
        foreach (ref float value in floats)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }

            value = Math.Clamp(value, -limit, limit);
        }

        return true;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Counters
    {
        public long Taken;
        public long Refused;
        public long Steps;
        public long LastKnownNs;
        public int RecentNext;
        public int RecentCount;
        public int ReservoirCount;
        public int Reserved;
    }
}
