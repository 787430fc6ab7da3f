using System.Runtime.InteropServices;

namespace StreamForecaster.Worker.Training;

/// <summary>CPU time and nice value of the calling thread. <c>Thread.Priority</c> does nothing on Linux, so these ask the C library.</summary>
static partial class ThreadClock
{
    const int ClockThreadCpuTime = 3;
    const int PriorityProcess = 0;

    /// <summary>CPU time that the calling thread has used; zero where the system does not tell.</summary>
    public static TimeSpan CpuTime =>
        OperatingSystem.IsLinux() && ClockGetTime(ClockThreadCpuTime, out TimeSpec time) == 0
            ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
            : TimeSpan.Zero;

    /// <summary>Lowers the calling thread's priority; returns whether the system took it.</summary>
    public static bool TrySetNice(int nice) => OperatingSystem.IsLinux() && SetPriority(PriorityProcess, (uint)GetThreadId(), nice) == 0;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    [StructLayout(LayoutKind.Sequential)]
    struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
