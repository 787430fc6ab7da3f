using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Training;

/// <summary>
/// The versions of every group's model in a folder: <c>GROUP/v00000012.safetensors</c> beside <c>GROUP/manifest.json</c>. A file is
/// complete and synced to disk before the manifest names it, and the manifest changes by an atomic rename, so a crash leaves the
/// version before. The daemon and the <c>models</c> command may use it at once: changes are made under a lock file.
/// </summary>
/// <param name="folder">The folder; it is made when the first version comes.</param>
/// <param name="versionsKept">Versions kept per group, besides the champion.</param>
/// <param name="time">The clock of the records.</param>
/// <param name="changed">Told of a group whose folder has changed, before anybody may name the new version.</param>
/// <param name="pinned">A group's versions that are kept besides, because a lane's state names them; null for none.</param>
public sealed class ModelStore(string folder, int versionsKept, TimeProvider time, Func<string, IReadOnlySet<long>>? pinned = null,
    Action<string>? changed = null)
{
    const string ManifestName = "manifest.json";
    const int ManifestBytesMax = 4 << 20;
    const int RecordsKept = 100;
    static readonly TimeSpan LockWaitMax = TimeSpan.FromSeconds(5);

    /// <summary>The groups that have a champion or a learner, by name.</summary>
    public IReadOnlyList<string> Groups => Directory.Exists(folder)
        ? [.. Directory.EnumerateDirectories(folder)
            .Where(path => File.Exists(Path.Combine(path, ManifestName)) || File.Exists(Path.Combine(path, LearnerStore.FileName)))
            .Select(path => Uri.UnescapeDataString(Path.GetFileName(path)))
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>A group's manifest; null where the store has none.</summary>
    /// <exception cref="InvalidDataException">The manifest cannot be read.</exception>
    public GroupManifest? Read(string group)
    {
        var file = new FileInfo(Path.Combine(GroupFolder(group), ManifestName));
        if (!file.Exists)
        {
            return null;
        }

        if (file.Length > ManifestBytesMax)
        {
            throw new InvalidDataException($"{file.FullName}: {file.Length} bytes are too many for a manifest (at most {ManifestBytesMax}).");
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), ManifestJson.Default.GroupManifest);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{file.FullName}: {broken.Message}", broken);
        }
    }

    /// <summary>Keeps a challenger that passed and makes it the champion.</summary>
    /// <returns>The manifest; null where another process, which trains the same group, was first with this version or a later one: a
    /// version that lanes may have named in their journals is never another model.</returns>
    public GroupManifest? Add(TrainingOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        byte[] bytes = ModelFile.Write(outcome.Challenger);
        StratumLosses recent = outcome.Verdict.Recent;
        var stored = new StoredVersion(
            outcome.Version, outcome.AtNs, recent.Challenger, recent.Champion, outcome.Verdict.Reason,
            bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        return Change(outcome.Group, manifest =>
        {
            if (outcome.Version <= manifest.LastVersion)
            {
                return null;
            }

            DurableFile.Write(VersionPath(outcome.Group, outcome.Version), bytes);
            return Recorded(manifest, StoreRecord.Won, outcome.Version) with
            {
                Champion = outcome.Version,
                LastVersion = Math.Max(manifest.LastVersion, outcome.Version),
                Versions = [.. manifest.Versions.Where(v => v.Version != outcome.Version), stored],
            };
        });
    }

    /// <summary>Makes a kept version the champion.</summary>
    /// <param name="group">The group.</param>
    /// <param name="version">The version.</param>
    /// <param name="kind"><see cref="StoreRecord.RolledBack"/> or <see cref="StoreRecord.Promoted"/>.</param>
    /// <exception cref="InvalidDataException">The store does not hold it, or its file is damaged.</exception>
    public GroupManifest Choose(string group, long version, string kind)
    {
        Load(group, version);
        return Change(group, manifest => Recorded(manifest, kind, version) with { Champion = version })!;
    }

    /// <summary>Asks the daemon to forget a period.</summary>
    public GroupManifest Forget(string group, long fromNs, long toNs) =>
        Change(group, manifest => Recorded(manifest, StoreRecord.Forgotten, manifest.Champion, fromNs, toNs))!;

    /// <summary>Reads a version.</summary>
    /// <exception cref="InvalidDataException">The store does not hold it, or its file is damaged.</exception>
    public Forecaster Load(string group, long version)
    {
        StoredVersion? stored = Read(group)?.Versions.FirstOrDefault(v => v.Version == version);
        string path = VersionPath(group, version);
        if (stored is null || !File.Exists(path))
        {
            throw new InvalidDataException($"The model store has no version {version} of group '{group}' ({path}).");
        }

        byte[] bytes = File.ReadAllBytes(path);
        if (!string.Equals(Convert.ToHexStringLower(SHA256.HashData(bytes)), stored.Sha256, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path} is damaged: its SHA-256 is not the manifest's.");
        }

        try
        {
            return ModelFile.Read(bytes);
        }
        catch (FormatException unreadable)
        {
            throw new InvalidDataException($"{path}: {unreadable.Message}", unreadable);
        }
    }

    GroupManifest? Change(string group, Func<GroupManifest, GroupManifest?> change)
    {
        Directory.CreateDirectory(GroupFolder(group));
        using FileStream locked = Lock(group);
        if (change(Read(group) ?? new GroupManifest { Group = group }) is not { } made)
        {
            return null;
        }

        GroupManifest pruned = Pruned(made);
        DurableFile.Write(
            Path.Combine(GroupFolder(group), ManifestName),
            JsonSerializer.SerializeToUtf8Bytes(pruned, ManifestJson.Default.GroupManifest));
        DeleteUnnamed(pruned);
        changed?.Invoke(group);
        return pruned;
    }

    FileStream Lock(string group)
    {
        string path = Path.Combine(GroupFolder(group), ".lock");
        FileStream? locked = null;
        bool TryLock()
        {
            try
            {
                locked = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }

        return SpinWait.SpinUntil(TryLock, LockWaitMax)
            ? locked!
            : throw new IOException($"{path} has been locked by another process for {LockWaitMax.TotalSeconds} s.");
    }

    GroupManifest Recorded(GroupManifest manifest, string kind, long version, long fromNs = 0, long toNs = 0)
    {
        var record = new StoreRecord(manifest.Sequence + 1, kind, version, time.GetUtcNow(), fromNs, toNs);
        return manifest with { Sequence = record.Sequence, Records = [.. manifest.Records.TakeLast(RecordsKept - 1), record] };
    }

    GroupManifest Pruned(GroupManifest manifest)
    {
        long oldestKept = manifest.Versions.Select(v => v.Version).OrderDescending().ElementAtOrDefault(versionsKept - 1);
        IReadOnlySet<long>? named = pinned?.Invoke(manifest.Group);
        return manifest with
        {
            Versions = [.. manifest.Versions.Where(v => v.Version >= oldestKept || v.Version == manifest.Champion || named?.Contains(v.Version) == true)],
        };
    }

    void DeleteUnnamed(GroupManifest manifest)
    {
        var named = manifest.Versions.Select(v => VersionPath(manifest.Group, v.Version)).ToHashSet(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(GroupFolder(manifest.Group), "v*.safetensors"))
        {
            if (!named.Contains(path))
            {
                File.Delete(path);
            }
        }
    }

    string GroupFolder(string group) => Path.Combine(folder, FolderName(group));

    string VersionPath(string group, long version) =>
        Path.Combine(GroupFolder(group), string.Create(CultureInfo.InvariantCulture, $"v{version:D8}.safetensors"));

    // Letters, digits, '-' and '_' stay; everything else is escaped, so that a name cannot leave the folder.
    internal static string FolderName(string group)
    {
        var name = new StringBuilder();
        foreach (byte b in Encoding.UTF8.GetBytes(group))
        {
            _ = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_'
                ? name.Append((char)b) : name.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return name.ToString();
    }
}
