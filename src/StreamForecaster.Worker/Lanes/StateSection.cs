namespace StreamForecaster.Worker.Lanes;

/// <summary>A stage's part of a series' block, and the settings it depends on: where those have changed, it starts anew.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Start">Its first byte in the block.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Settings">A hash of the settings.</param>
readonly record struct StateSection(string Name, int Start, int Length, ulong Settings)
{
    /// <summary>Whether what this version has added to the stage's state lies at its end and may be zero.</summary>
    public bool Grows { get; init; }

    /// <summary>Whether it goes on from what was stored under its name.</summary>
    public bool Takes(in StateSection stored) =>
        stored.Settings == Settings && (stored.Length == Length || (Grows && stored.Length < Length));
}
