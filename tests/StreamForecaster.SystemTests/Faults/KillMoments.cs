using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Kills a process while something happens that can be seen from outside, and says whether it was hit.</summary>
sealed class KillMoments(RecordingDatabase database, LaneHistories histories, string lanesFolder, ModelStore models, IReadOnlyList<string> groups, ModelSpec spec)
{
    // About what a request takes: as many lines as FaultSettings lets it have.
    const int RequestBytes = 2000 * 200;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    int _choices;

    /// <summary>Versions in the store that passed the gate.</summary>
    internal int Trained => models.Groups.Sum(group => models.Read(group)?.Versions.Count(static v => v.Reason.StartsWith("the challenger won", StringComparison.Ordinal)) ?? 0);

    /// <summary>As a segment appears.</summary>
    internal async Task<bool> InCheckpointAsync(ForecasterProcess victim)
    {
        HashSet<string> before = [.. Unnamed()];
        await KillAtAsync(victim, "*.segment", NotifyFilters.FileName, static () => true, static () => { });
        return Unnamed().Any(segment => !before.Contains(segment));
    }

    /// <summary>The database goes away, the spool fills, the database comes back, and the process dies with a request on its way.</summary>
    internal async Task<bool> InDrainAsync(ForecasterProcess victim, string spoolFolder, int spooled)
    {
        database.Refuse(true);
        await Wait.UntilAsync(() => SpoolBytes(spoolFolder) >= spooled, () => $"{SpoolBytes(spoolFolder)} bytes in the spool");

        // What is on its way as the process dies is not acknowledged. Where more waits than one request takes, some has been drained before.
        int passed = spooled > RequestBytes ? 1 : 0, requests = 0;
        TaskCompletionSource isOnItsWay = new(TaskCreationOptions.RunContinuationsAsynchronously), isDead = new(TaskCreationOptions.RunContinuationsAsynchronously);
        database.Fault = async _ =>
        {
            if (Interlocked.Increment(ref requests) > passed)
            {
                isOnItsWay.TrySetResult();
                await isDead.Task;
            }

            return false;
        };
        await Task.WhenAny(isOnItsWay.Task, Task.Delay(Patience));
        victim.Kill();
        database.Fault = null;
        isDead.SetResult();
        return isOnItsWay.Task.IsCompleted && SpoolBytes(spoolFolder) > 0;
    }

    /// <summary>As the first lane journals another version: an operator's choice, or what training has just brought.</summary>
    internal async Task<bool> InActivationAsync(ForecasterProcess victim)
    {
        int before = Activations();
        await KillAtAsync(
            victim, "journal", NotifyFilters.LastWrite | NotifyFilters.Size, () => Activations() > before, ChooseAnother);
        IReadOnlyList<IReadOnlyList<JournalEntry>> lanes = histories.OnDisk();
        return lanes.SelectMany(LastVersions).GroupBy(static last => last).Any(last => last.Count() < lanes.Count);
    }

    static IEnumerable<(string Group, long Version)> LastVersions(IReadOnlyList<JournalEntry> lane) => lane
        .Where(static entry => entry.Kind == JournalKind.Activate)
        .GroupBy(static entry => entry.Group)
        .Select(static group => (group.Key, group.Last().Number));

    static long SpoolBytes(string folder) => !Directory.Exists(folder) ? 0
        : new DirectoryInfo(folder).EnumerateFiles("*.spool", SearchOption.AllDirectories).Sum(static file => file.Exists ? file.Length : 0);

    async Task KillAtAsync(ForecasterProcess victim, string file, NotifyFilters notify, Func<bool> isNow, Action provoke)
    {
        TaskCompletionSource killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(object sender, FileSystemEventArgs change)
        {
            if (!killed.Task.IsCompleted && isNow())
            {
                victim.Kill();
                killed.TrySetResult();
            }
        }

        using FileSystemWatcher watcher = new(lanesFolder, file) { IncludeSubdirectories = true, NotifyFilter = notify };
        watcher.Created += Look;
        watcher.Changed += Look;
        watcher.EnableRaisingEvents = true;
        provoke();
        if (await Task.WhenAny(killed.Task, Task.Delay(Patience)) != killed.Task)
        {
            victim.Kill();
        }
    }

    int Activations() => histories.OnDisk().Sum(static lane => lane.Count(static entry => entry.Kind == JournalKind.Activate));

    // Segments that no manifest of theirs has come after.
    IEnumerable<string> Unnamed() => Directory.EnumerateFiles(lanesFolder, "*.segment", SearchOption.AllDirectories).Where(static segment =>
        !Directory.EnumerateFiles(Path.GetDirectoryName(segment)!, $"*.{Path.GetFileNameWithoutExtension(segment)}.manifest").Any());

    // An operator brings a version that was trained elsewhere, or goes back to an earlier one.
    void ChooseAnother()
    {
        string name = groups[_choices / 2 % groups.Count];
        GroupManifest? group = models.Read(name);
        if (_choices++ % 2 == 0 || group is not { Versions.Count: > 1 })
        {
            Forecaster brought = Forecaster.Create(spec, seed: _choices);
            models.Add(new(name, (group?.LastVersion ?? 0) + 100, 0, brought, new(true, "brought by the test", default, null)));
        }
        else
        {
            models.Choose(name, group.Versions.Select(static v => v.Version).First(version => version != group.Champion), StoreRecord.RolledBack);
        }
    }
}
