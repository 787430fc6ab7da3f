namespace StreamForecaster.Worker.State;

/// <summary>The kinds of state frames. Stored as numbers: they may only grow.</summary>
enum StateKind
{
    /// <summary>A lane's head.</summary>
    Head = 1,

    /// <summary>A series' state.</summary>
    Series = 2,

    /// <summary>A series that is no more.</summary>
    Removed = 3,

    /// <summary>The names of a checkpoint's segments.</summary>
    Manifest = 4,
}
