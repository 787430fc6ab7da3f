using System.Globalization;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>Where a partition without a committed offset starts.</summary>
public readonly record struct StartPosition
{
    /// <summary>What may be written.</summary>
    public const string Allowed =
        "allowed are earliest, latest, a time (2026-01-31T12:00:00Z) and a duration back from now (-90s, -30m, -24h, -7d)";

    enum Kind
    {
        Earliest,
        Latest,
        At,
        Ago,
    }

    readonly Kind _kind;
    readonly DateTimeOffset _at;
    readonly TimeSpan _ago;

    StartPosition(Kind kind, DateTimeOffset at = default, TimeSpan ago = default)
    {
        _kind = kind;
        _at = at;
        _ago = ago;
    }

    /// <summary>The oldest record.</summary>
    public static StartPosition Earliest { get; } = new(Kind.Earliest);

    /// <summary>Records that are yet to come.</summary>
    public static StartPosition Latest { get; } = new(Kind.Latest);

    /// <summary>True for <see cref="Earliest"/>.</summary>
    public bool IsEarliest => _kind == Kind.Earliest;

    /// <summary>True for <see cref="Latest"/>.</summary>
    public bool IsLatest => _kind == Kind.Latest;

    /// <summary>The time of the first record wanted, for a start that is neither <see cref="Earliest"/> nor <see cref="Latest"/>.</summary>
    public DateTimeOffset TimeFrom(DateTimeOffset now) => _kind == Kind.Ago ? now - _ago : _at;

    /// <summary>Reads what a person wrote; times without a zone are UTC.</summary>
    public static bool TryParse(string? text, out StartPosition position)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        position = Latest;
        switch (text?.Trim())
        {
            case null:
                return false;
            case "latest":
                return true;
            case "earliest":
                position = Earliest;
                return true;
            case ['-', .. string duration] when Duration.TryParse(duration, out TimeSpan ago) && ago >= TimeSpan.Zero:
                position = new(Kind.Ago, ago: ago);
                return true;
            case [>= '0' and <= '9', ..] when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out DateTimeOffset at):
                position = new(Kind.At, at);
                return true;
            default:
                return false;
        }
    }
}
