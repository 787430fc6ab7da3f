namespace StreamForecaster.Learning;

/// <summary>A seeded sequence of random numbers that is the same in every runtime.</summary>
struct SeededSequence(ulong seed)
{
    ulong _state = seed;

    /// <summary>The next number in [0, 1).</summary>
    public double NextUnit() => SampleHash.Unit(SampleHash.Mix(_state++));

    /// <summary>The next number in [0, <paramref name="count"/>).</summary>
    public int NextIndex(int count) => (int)(NextUnit() * count);
}
