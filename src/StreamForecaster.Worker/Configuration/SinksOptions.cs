using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Where results go. Any number of each kind; they are independent of each other.</summary>
public sealed record SinksOptions
{
    /// <summary>InfluxDB servers, and what speaks their line protocol.</summary>
    public IReadOnlyList<InfluxOptions> Influx { get; init; } = [];

    /// <summary>Folders that line protocol is written into.</summary>
    public IReadOnlyList<FileSinkOptions> Files { get; init; } = [];

    /// <summary>The folder of dead letters: what could not be read, and what a server refused.</summary>
    public FileSinkOptions DeadLetters { get; init; } = new() { Name = "dead-letters", Directory = "data/dead-letters" };
}
