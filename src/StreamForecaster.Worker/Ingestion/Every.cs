namespace StreamForecaster.Worker.Ingestion;

/// <summary>Says when an interval has gone by, for loops that look at several clocks in turn.</summary>
struct Every(TimeProvider time, TimeSpan interval)
{
    long _last = time.GetTimestamp();

    /// <summary>True once per interval.</summary>
    internal bool IsDue()
    {
        long now = time.GetTimestamp();
        if (time.GetElapsedTime(_last, now) < interval)
        {
            return false;
        }

        _last = now;
        return true;
    }
}
