using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamForecaster.Alignment;

// What a series' bytes are: a header, and a ring of steps that are open.
public sealed partial class SeriesAligner
{
    static ref Header Head(Span<byte> state) => ref MemoryMarshal.AsRef<Header>(state);

    Span<Slot> Slots(Span<byte> state) =>
        MemoryMarshal.Cast<byte, Slot>(state[Unsafe.SizeOf<Header>()..])[.._slots];

    [StructLayout(LayoutKind.Sequential)]
    struct Header
    {
        public long StepNs;
        public long NextStep;
        public double LastValue;
        public ushort GapRun;
        public byte FirstCount;
        public byte Scheduled;
        public byte HasSteps;
        public byte HasValue;
        public byte Restart;
        public byte Unused;
    }

    // The last count that was seen, at the state's end; only where a rate is asked for.
    [StructLayout(LayoutKind.Sequential)]
    struct Counter
    {
        public double Value;
        public long Time;
    }

    // Its step is that of its points' times.
    [StructLayout(LayoutKind.Sequential)]
    struct Slot
    {
        public long LastTime;
        public double Value;
        public long Count;
    }

    readonly record struct FirstPoint(long TimeNs, double Value);
}
