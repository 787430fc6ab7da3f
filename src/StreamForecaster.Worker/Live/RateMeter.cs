namespace StreamForecaster.Worker.Live;

/// <summary>The rate of a growing count over the last few seconds, from the moments it was asked for.</summary>
sealed class RateMeter(TimeProvider clock)
{
    static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    readonly Lock _gate = new();
    readonly Queue<(long At, long Count)> _samples = new();

    /// <summary>Takes the count now and returns its growth per second since the oldest sample of the window.</summary>
    public double PerSecond(long count)
    {
        lock (_gate)
        {
            long now = clock.GetTimestamp();
            _samples.Enqueue((now, count));
            while (_samples.Count > 2 && clock.GetElapsedTime(_samples.Peek().At, now) > Window)
            {
                _samples.Dequeue();
            }

            (long at, long before) = _samples.Peek();
            double seconds = clock.GetElapsedTime(at, now).TotalSeconds;
            return seconds > 0 ? (count - before) / seconds : 0;
        }
    }
}
