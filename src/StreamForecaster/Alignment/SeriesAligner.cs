using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamForecaster.Alignment;

/// <summary>
/// Puts a series' points into fixed steps of event time and closes them in order. One instance serves all series of a lane's group;
/// a series' own state is the span given to each call.
/// </summary>
public sealed partial class SeriesAligner
{
    const int SlotsMax = 32;

    /// <summary>Grows with every change of the state's layout or meaning.</summary>
    public const int StateFormat = 2;

    readonly Aggregate _aggregate;
    readonly long _stepNs;
    readonly long _latenessNs;
    readonly int _fillLimit;
    readonly int _slots;

    /// <summary>Takes a group's settings. A zero step is found from a series' first points.</summary>
    public SeriesAligner(TimeSpan step, TimeSpan lateness, int fillLimit, Aggregate aggregate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        _aggregate = aggregate;
        _stepNs = step.Ticks * 100;
        _latenessNs = lateness.Ticks * 100;
        _fillLimit = fillLimit;
        long shortest = _stepNs == 0 ? 1_000_000_000 : _stepNs;
        _slots = (int)Math.Clamp((_latenessNs / shortest) + 3, 4, SlotsMax);
    }

    /// <summary>Bytes of state a series.</summary>
    public int StateBytes => CounterStart + (_aggregate == Aggregate.Rate ? Unsafe.SizeOf<Counter>() : 0);

    int CounterStart => Unsafe.SizeOf<Header>()
        + Math.Max(_slots * Unsafe.SizeOf<Slot>(), _stepNs == 0 ? StepSize.PointsNeeded * Unsafe.SizeOf<FirstPoint>() : 0);

    /// <summary>Sets zeroed state to that of a series without points.</summary>
    public void Initialize(Span<byte> state) => Head(state).StepNs = _stepNs;

    /// <summary>The step of the series in nanoseconds; 0 while it is not known.</summary>
    public static long StepNs(ReadOnlySpan<byte> state) => MemoryMarshal.AsRef<Header>(state).StepNs;

    /// <summary>True while the series has a step to close.</summary>
    public static bool IsScheduled(ReadOnlySpan<byte> state) => MemoryMarshal.AsRef<Header>(state).Scheduled != 0;

    /// <summary>True while a step that is not closed has points.</summary>
    public bool HasPoints(Span<byte> state)
    {
        if (Head(state).StepNs == 0)
        {
            return false;
        }

        foreach (ref readonly Slot slot in Slots(state))
        {
            if (slot.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The lane time at which the series' next step closes.</summary>
    public long Due(ReadOnlySpan<byte> state)
    {
        ref readonly Header head = ref MemoryMarshal.AsRef<Header>(state);
        return ((head.NextStep + 1) * head.StepNs) + Lateness(head.StepNs);
    }

    /// <summary>Puts a point into its step.</summary>
    /// <param name="state">The series' state.</param>
    /// <param name="timeNs">The point's time.</param>
    /// <param name="value">The point's value, finite.</param>
    /// <param name="laneTimeNs">Lane time. A step that it has passed takes no more points, whether it has been closed yet or not: the
    /// pace of closing must not show in the results.</param>
    /// <returns><see cref="PointOutcome.Full"/> asks for the oldest step to be closed first, and the same call again.</returns>
    public PointOutcome Accept(Span<byte> state, long timeNs, double value, long laneTimeNs)
    {
        ref Header head = ref Head(state);
        return head.StepNs == 0 ? Collect(state, timeNs, value) : Place(state, timeNs, value, laneTimeNs);
    }

    /// <summary>Closes the series' next step. The caller asks when lane time has reached <see cref="Due"/>.</summary>
    public ClosedStep Close(Span<byte> state)
    {
        ref Header head = ref Head(state);
        Span<Slot> slots = Slots(state);
        long step = head.NextStep;
        ref Slot slot = ref slots[SlotOf(step)];
        if (slot.Count > 0 && StepOf(head, slot) == step)
        {
            return CloseMeasured(state, ref head, ref slot);
        }

        head.GapRun = (ushort)Math.Min(head.GapRun + 1, ushort.MaxValue);
        if (head.GapRun <= _fillLimit && head.HasValue != 0)
        {
            head.NextStep++;
            return _aggregate == Aggregate.Count
                ? new(StepKind.Measured, step, 0, TakeRestart(ref head))
                : new(StepKind.Filled, step, head.LastValue, TakeRestart(ref head));
        }

        return JumpGap(ref head, slots, step);
    }

    ClosedStep CloseMeasured(Span<byte> state, ref Header head, ref Slot slot)
    {
        long step = head.NextStep++;
        head.GapRun = 0;
        double value = _aggregate switch
        {
            Aggregate.Mean => slot.Value / slot.Count,
            Aggregate.Count => slot.Count,
            Aggregate.Rate => Rate(ref MemoryMarshal.AsRef<Counter>(state[CounterStart..]), slot),
            _ => slot.Value,
        };
        slot = default;
        if (double.IsNaN(value))
        {
            return new(StepKind.Skipped, step, 0, Restart: false);
        }

        head.LastValue = value;
        head.HasValue = 1;
        return new(StepKind.Measured, step, value, TakeRestart(ref head));
    }

    static double Rate(ref Counter counter, in Slot slot)
    {
        double rate = double.NaN;
        if (counter.Time != 0 && slot.LastTime > counter.Time)
        {
            double increase = slot.Value >= counter.Value ? slot.Value - counter.Value : slot.Value;
            rate = increase * 1e9 / (slot.LastTime - counter.Time);
        }

        counter.Value = slot.Value;
        counter.Time = slot.LastTime;
        return rate;
    }

    static ClosedStep JumpGap(ref Header head, Span<Slot> slots, long step)
    {
        long next = long.MaxValue;
        foreach (ref readonly Slot slot in slots)
        {
            if (slot.Count > 0 && StepOf(head, slot) is long later && later > step)
            {
                next = Math.Min(next, later);
            }
        }

        head.Restart = 1;
        if (next == long.MaxValue)
        {
            head.NextStep = step + 1;
            head.Scheduled = 0;
            return new(StepKind.Stale, step, head.LastValue, Restart: false);
        }

        head.NextStep = next;
        head.GapRun = 0;
        return new(StepKind.Skipped, step, 0, Restart: false);
    }

    static bool TakeRestart(ref Header head)
    {
        bool restart = head.Restart != 0;
        head.Restart = 0;
        return restart;
    }

    // A step far shorter than the lateness would need more open slots than a series has.
    long Lateness(long stepNs) => Math.Min(_latenessNs, (_slots - 3) * stepNs);

    static long StepOf(in Header head, in Slot slot) => FloorDivision.Of(slot.LastTime, head.StepNs);

    int SlotOf(long step) => (int)(((step % _slots) + _slots) % _slots);
}
