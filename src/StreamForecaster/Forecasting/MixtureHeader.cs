using System.Runtime.InteropServices;

namespace StreamForecaster.Forecasting;

/// <summary>What a series' mixture remembers beside its arrays.</summary>
[StructLayout(LayoutKind.Sequential)]
struct MixtureHeader
{
    /// <summary>A power of two: values are kept in it, so that 1e300 and 1e-300 both fit 32-bit differences.</summary>
    public double Unit;

    /// <summary>The newest value in that unit.</summary>
    public double Last;

    /// <summary>The largest change so far, slowly forgotten.</summary>
    public double LargestChange;

    /// <summary>Closed steps, filled ones included; the newest has the number Steps − 1.</summary>
    public long Steps;

    /// <summary>Steps with a value of their own.</summary>
    public int Seen;

    /// <summary>Values in a row that are next to nothing in the unit.</summary>
    public ushort Tiny;

    /// <summary>Values in a row that were not believed (<see cref="WildValues"/>).</summary>
    public ushort Wild;

    /// <summary>The season in steps; 0: none.</summary>
    public int Season;

    /// <summary>The shock that the newest value was to its forecast, as <see cref="ShockWeights.Of"/> has it; not a number where the step was filled.</summary>
    public float Shock;
}

/// <summary>What the search for a season remembers, where there is one.</summary>
[StructLayout(LayoutKind.Sequential)]
struct SeasonSearch
{
    public HistoryScale Scale;

    /// <summary>The step number of the next look for a season.</summary>
    public long NextCheck;

    /// <summary>Steps between the looks.</summary>
    public int CheckEvery;

    /// <summary>A new season seen by one check, to be confirmed by the next.</summary>
    public int Candidate;
}
