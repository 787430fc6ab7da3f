using System.Text.Json;
using StreamForecaster.State;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Every entry that the journals of a folder ever had: they themselves drop what each checkpoint is past.</summary>
sealed class LaneHistories(string folder)
{
    readonly Dictionary<string, SortedDictionary<long, JournalEntry>> _lanes = new(StringComparer.Ordinal);

    /// <summary>All entries.</summary>
    internal IReadOnlyList<JournalEntry> Entries => [.. _lanes.Values.SelectMany(static lane => lane.Values)];

    /// <summary>The journals as they are on the disk.</summary>
    internal IReadOnlyList<IReadOnlyList<JournalEntry>> OnDisk() => [.. Paths().Select(static path => LaneJournal.Read(path))];

    /// <summary>Keeps what the journals hold now.</summary>
    internal void Remember()
    {
        foreach (string path in Paths())
        {
            SortedDictionary<long, JournalEntry> lane = _lanes.TryGetValue(path, out var known) ? known : _lanes[path] = [];
            foreach (JournalEntry entry in LaneJournal.Read(path))
            {
                lane[entry.Sequence] = entry;
            }
        }
    }

    /// <summary>Writes a state folder of the whole journals and the models, without a checkpoint or what the learners remember.</summary>
    internal void CopyTo(string target, string state)
    {
        Directory.CreateDirectory(target);
        foreach (string path in Directory.EnumerateFiles(Path.Combine(state, "models"), "*", SearchOption.AllDirectories))
        {
            // A learner brings its own last champion, as the store does below.
            if (Path.GetFileName(path) == LearnerStore.FileName)
            {
                continue;
            }

            string copy = Path.Combine(target, Path.GetRelativePath(state, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        // What answers is said by the journal alone: a champion of the store's would be journalled anew.
        foreach (string path in Directory.EnumerateFiles(target, "manifest.json", SearchOption.AllDirectories))
        {
            GroupManifest manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), ManifestJson.Default.GroupManifest)!;
            File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(manifest with { Champion = 0 }, ManifestJson.Default.GroupManifest));
        }

        foreach ((string path, SortedDictionary<long, JournalEntry> entries) in _lanes)
        {
            Assert.Single(entries.Values, static entry => entry.Kind == JournalKind.Start);
            Assert.Equal(entries.Count, entries.Keys.Last() - entries.Keys.First() + 1);
            ByteBuffer bytes = new();
            entries.Values.ToList().ForEach(entry => JournalFormat.Write(bytes, entry));
            string copy = Path.Combine(target, Path.GetRelativePath(state, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, bytes.Written);
        }
    }

    /// <summary>An entry a line, for a failure's message.</summary>
    public override string ToString() => string.Join('\n', _lanes.SelectMany(static lane => lane.Value.Values
        .Select(entry => $"{Path.GetFileName(Path.GetDirectoryName(lane.Key))}: {entry}")));

    IEnumerable<string> Paths() => !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, LaneJournal.FileName, SearchOption.AllDirectories);
}
