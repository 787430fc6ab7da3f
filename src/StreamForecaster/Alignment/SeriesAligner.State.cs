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
        public double CounterValue;
        public long CounterTime;
        public int GapRun;
        public byte FirstCount;
        public byte Scheduled;
        public byte HasSteps;
        public byte HasValue;
        public byte Restart;
        public byte Unused1;
        public byte Unused2;
        public byte Unused3;
        public int Unused4;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Slot
    {
        public long Step;
        public long LastTime;
        public double Value;
        public long Count;
    }

    readonly record struct FirstPoint(long TimeNs, double Value);
}
