using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamForecaster.Alignment;

// How a point comes into its step: the first points are kept until the step is known.
public sealed partial class SeriesAligner
{
    // The first points wait in the slots' memory until the step is known.
    PointOutcome Collect(Span<byte> state, long timeNs, double value)
    {
        ref Header head = ref Head(state);
        Span<FirstPoint> first = MemoryMarshal.Cast<byte, FirstPoint>(state[Unsafe.SizeOf<Header>()..])[..StepSize.PointsNeeded];
        int at = head.FirstCount;
        while (at > 0 && first[at - 1].TimeNs > timeNs)
        {
            first[at] = first[at - 1];
            at--;
        }

        first[at] = new(timeNs, value);
        if (++head.FirstCount < StepSize.PointsNeeded)
        {
            return PointOutcome.Collected;
        }

        Span<FirstPoint> points = stackalloc FirstPoint[StepSize.PointsNeeded];
        first.CopyTo(points);
        Span<long> times = stackalloc long[StepSize.PointsNeeded];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = points[i].TimeNs;
        }

        head.StepNs = StepSize.Modal(times);
        state[Unsafe.SizeOf<Header>()..].Clear();
        return PlaceFirst(state, points);
    }

    // All that the slots hold at once is kept; of older first points nothing could be made but steps that are long closed.
    PointOutcome PlaceFirst(Span<byte> state, ReadOnlySpan<FirstPoint> points)
    {
        ref Header head = ref Head(state);
        long oldest = FloorDivision.Of(points[^1].TimeNs, head.StepNs) - _slots + 1;
        foreach (FirstPoint point in points)
        {
            if (FloorDivision.Of(point.TimeNs, head.StepNs) >= oldest)
            {
                Place(state, point.TimeNs, point.Value, laneTimeNs: long.MinValue);
            }
        }

        return PointOutcome.Scheduled;
    }

    PointOutcome Place(Span<byte> state, long timeNs, double value, long laneTimeNs)
    {
        ref Header head = ref Head(state);
        long step = FloorDivision.Of(timeNs, head.StepNs);
        if ((head.HasSteps != 0 && step < head.NextStep) || ((step + 1) * head.StepNs) + Lateness(head.StepNs) <= laneTimeNs)
        {
            return PointOutcome.Late;
        }

        bool schedule = head.Scheduled == 0;
        if (schedule)
        {
            head.NextStep = step;
            head.GapRun = 0;
            head.HasSteps = head.Scheduled = 1;
        }

        ref Slot slot = ref Slots(state)[SlotOf(step)];
        if (slot.Count > 0 && StepOf(head, slot) is long held && held != step)
        {
            return held < step ? PointOutcome.Full : PointOutcome.Late;
        }

        if (slot.Count > 0 && slot.LastTime == timeNs)
        {
            return PointOutcome.Duplicate;
        }

        Add(ref slot, timeNs, value);
        return schedule ? PointOutcome.Scheduled : PointOutcome.Accepted;
    }

    void Add(ref Slot slot, long timeNs, double value)
    {
        bool first = slot.Count == 0;
        bool latest = first || timeNs > slot.LastTime;
        slot.Value = _aggregate switch
        {
            _ when first => value,
            Aggregate.Mean or Aggregate.Sum => slot.Value + value,
            Aggregate.Max => Math.Max(slot.Value, value),
            Aggregate.Min => Math.Min(slot.Value, value),
            _ => latest ? value : slot.Value,
        };
        slot.Count++;
        slot.LastTime = latest ? timeNs : slot.LastTime;
    }
}
