namespace StreamForecaster.Scoring;

/// <summary>
/// How much an observation counts for in a series' densities, and how many they remember. All of them take in a value at every step, so
/// they share it. Zero at first.
/// </summary>
struct DensityClock
{
    const float Memory = 6000;
    const float Least = 32;

    float _counts;

    /// <summary>The observations remembered, the older ones for less.</summary>
    internal float Observations { get; private set; }

    /// <summary>Counts of the next observation, 32 to 64: it grows, which is forgetting the older ones.</summary>
    internal readonly float Counts => Math.Max(_counts, Least);

    /// <summary>Goes a step on; true where all counts are to be halved.</summary>
    internal bool Advance()
    {
        Observations = (Observations + 1) / (1 + (1 / Memory));
        _counts = Counts * (1 + (1 / Memory));
        if (_counts < 2 * Least)
        {
            return false;
        }

        _counts /= 2;
        return true;
    }
}
