using System.Text.Json.Serialization;
using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.Worker.Training;

/// <summary>What the store knows of a group's versions: the file <c>manifest.json</c> beside them.</summary>
public sealed record GroupManifest
{
    /// <summary>The group's name.</summary>
    public required string Group { get; init; }

    /// <summary>The version in use; 0 for none.</summary>
    public long Champion { get; init; }

    /// <summary>The highest version ever given: later ones are greater.</summary>
    public long LastVersion { get; init; }

    /// <summary>Number of the last change.</summary>
    public long Sequence { get; init; }

    /// <summary>The versions kept, oldest first.</summary>
    public IReadOnlyList<StoredVersion> Versions { get; init; } = [];

    /// <summary>The last changes, oldest first.</summary>
    public IReadOnlyList<StoreRecord> Records { get; init; } = [];
}

/// <summary>A version in the store.</summary>
/// <param name="Version">Its number.</param>
/// <param name="TrainedAtNs">Group time of its training, Unix nanoseconds.</param>
/// <param name="Loss">Its pinball loss on the recent stratum.</param>
/// <param name="ChampionLoss">The champion's before it.</param>
/// <param name="Reason">The gate's words.</param>
/// <param name="Bytes">Length of its file.</param>
/// <param name="Sha256">Hash of its file, hexadecimal.</param>
public sealed record StoredVersion(
    long Version, long TrainedAtNs, double Loss, double ChampionLoss, string Reason, long Bytes, string Sha256);

/// <summary>A change: a challenger won, or an operator rolled back, promoted, or wants a period forgotten.</summary>
public sealed record StoreRecord(long Sequence, string Kind, long Version, DateTimeOffset At, long FromNs = 0, long ToNs = 0)
{
    /// <summary>A challenger passed the gate.</summary>
    public const string Won = "won";

    /// <summary>An operator went back to an earlier version.</summary>
    public const string RolledBack = "rolled-back";

    /// <summary>An operator chose a version.</summary>
    public const string Promoted = "promoted";

    /// <summary>An operator wants a period forgotten.</summary>
    public const string Forgotten = "forgotten";

    /// <summary>The change in words.</summary>
    [JsonIgnore]
    public string Words => FormattableString.Invariant($"{Kind} at {At:u}");

    /// <summary>The forgotten period in words.</summary>
    [JsonIgnore]
    public string Period => FormattableString.Invariant($"{UnixTime.At(FromNs):u} to {UnixTime.At(ToNs):u}");
}

/// <summary>The manifest's JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(GroupManifest))]
sealed partial class ManifestJson : JsonSerializerContext;
