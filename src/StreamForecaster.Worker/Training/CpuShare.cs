namespace StreamForecaster.Worker.Training;

/// <summary>A thread's share of one core over the last minutes, from its CPU time. Observed by one thread, read by any.</summary>
sealed class CpuShare
{
    // Thirty samples, ten seconds apart: five minutes.
    const int SamplesMax = 30;
    static readonly TimeSpan Apart = TimeSpan.FromSeconds(10);

    readonly Queue<(TimeSpan Cpu, TimeSpan Wall)> _samples = new(SamplesMax + 1);
    TimeSpan _sampledAt;
    double _value;

    /// <summary>The share, 0 to 1; 0 before the second observation.</summary>
    public double Value => Volatile.Read(ref _value);

    /// <summary>Takes in what the thread has used by now, both since any fixed moment.</summary>
    public void Observe(TimeSpan cpu, TimeSpan wall)
    {
        if (_samples.Count == 0 || wall - _sampledAt >= Apart)
        {
            _samples.Enqueue((cpu, wall));
            _sampledAt = wall;
            if (_samples.Count > SamplesMax)
            {
                _samples.Dequeue();
            }
        }

        (TimeSpan cpuBefore, TimeSpan wallBefore) = _samples.Peek();
        Volatile.Write(ref _value, wall > wallBefore ? (cpu - cpuBefore) / (wall - wallBefore) : 0);
    }
}
