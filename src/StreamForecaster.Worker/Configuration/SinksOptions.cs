using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Where results go. Any number of each kind; they are independent of each other.</summary>
public sealed record SinksOptions
{
    /// <summary>Folders that line protocol is written into.</summary>
    public IReadOnlyList<FileSinkOptions> Files { get; init; } = [];
}
