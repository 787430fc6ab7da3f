namespace StreamForecaster.Worker.Lanes;

/// <summary>A stage's part of a series' block, and the settings it depends on: where those have changed, it starts anew.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Start">Its first byte in the block.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Settings">A hash of the settings.</param>
readonly record struct StateSection(string Name, int Start, int Length, ulong Settings);
