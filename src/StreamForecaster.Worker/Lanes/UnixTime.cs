namespace StreamForecaster.Worker.Lanes;

/// <summary>Wall-clock times as the stream counts them.</summary>
static class UnixTime
{
    /// <summary>Nanoseconds since 1970.</summary>
    public static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>The time so many nanoseconds after 1970.</summary>
    public static DateTimeOffset At(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100);
}
