using StreamForecaster.State;

namespace StreamForecaster.Worker.State;

/// <summary>The versions of a group's model that lanes may still ask for: those that a kept checkpoint names, or a journal entry that not every
/// kept checkpoint is past. Read from the lanes' folders, so that it holds for all processes that share them.</summary>
sealed class PinnedModels(string lanesFolder)
{
    /// <summary>The pinned versions of a group.</summary>
    public IReadOnlySet<long> Of(string group)
    {
        HashSet<long> pinned = [];
        foreach (string lane in Directory.Exists(lanesFolder) ? Directory.EnumerateDirectories(lanesFolder) : [])
        {
            long past = long.MaxValue;
            bool any = false;
            foreach ((_, _, string path) in LaneStore.Manifests(lane))
            {
                if (TryRead(path) is LaneManifest manifest)
                {
                    any = true;
                    past = Math.Min(past, manifest.JournalPosition);
                    pinned.UnionWith(manifest.Models.Where(model => IsOf(model.Group)).Select(static model => model.Version));
                }
            }

            pinned.UnionWith(LaneJournal.Read(Path.Combine(lane, LaneJournal.FileName))
                .Where(entry => entry.Kind == JournalKind.Activate && IsOf(entry.Group) && (!any || entry.Sequence > past))
                .Select(static entry => entry.Number));
        }

        return pinned;

        bool IsOf(string name) => string.Equals(name, group, StringComparison.Ordinal);
    }

    // One that is being deleted, or is damaged, names nothing.
    static LaneManifest? TryRead(string path)
    {
        try
        {
            return LaneManifest.Read(File.ReadAllBytes(path));
        }
        catch (Exception gone) when (gone is IOException or InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }
}
