using System.CommandLine;
using System.Globalization;
using StreamForecaster.State;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>snapshot</c>: what is in the lanes' checkpoints, and whether all of it can be read.</summary>
public static class SnapshotCommand
{
    const int Damaged = 1;

    static readonly Argument<string> Folder = new("path") { Description = "A state folder (state.directory), one lane's folder in it, or topics: those that the settings name." };
    static readonly Option<string?> Config = new("--config", "-c") { Description = "The settings file that names the topics and their brokers; without it, defaults and environment." };

    /// <summary>The command line of it.</summary>
    public static Command Create()
    {
        Command inspect = new("inspect", "Each lane's newest checkpoint and its journal. Example: snapshot inspect data/state") { Folder, Config };
        inspect.SetAction(static parsed => Run(parsed, Inspect));
        Command verify = new("verify", "Read every checkpoint and journal to the last byte; damage is named, exit code 1. Example: snapshot verify topics --config settings.json") { Folder, Config };
        verify.SetAction(static parsed => Run(parsed, Verify));
        return new("snapshot", "Look into the state that lanes keep. Example: snapshot verify data/state") { inspect, verify };
    }

    static int Run(ParseResult parsed, Func<IEnumerable<string>, TextWriter, int> work)
    {
        TextWriter error = parsed.InvocationConfiguration.Error;
        try
        {
            using StateFolder? state = StateFolder.Open(parsed.GetRequiredValue(Folder), () => SettingsFile.Read(parsed.GetValue(Config)), error);
            return state is null ? SettingsFile.ExitWrong : work(LaneInspection.LanesIn(state.Path), parsed.InvocationConfiguration.Output);
        }
        catch (SettingsException wrong)
        {
            wrong.Errors.ToList().ForEach(error.WriteLine);
            return SettingsFile.ExitWrong;
        }
    }

    static int Inspect(IEnumerable<string> lanes, TextWriter output)
    {
        foreach (string folder in lanes)
        {
            Line(output, $"lane {Path.GetFileName(folder)}");
            Write(LaneJournal.Read(Path.Combine(folder, LaneJournal.FileName)), output);
            if (LaneInspection.Newest(folder) is LaneInspection newest)
            {
                Write(newest, output);
            }
            else
            {
                Line(output, $"  no checkpoint that can be read");
            }
        }

        return 0;
    }

    static void Write(IReadOnlyList<JournalEntry> journal, TextWriter output)
    {
        JournalEntry? last = journal.Count == 0 ? null : journal[^1];
        Line(output, $"  journal     {journal.Count} entries, the last number {last?.Sequence} at offset {last?.Offset} by owner {last?.Generation}");
    }

    static void Write(LaneInspection checkpoint, TextWriter output)
    {
        LaneHead head = checkpoint.Head;
        StreamForecaster.Alignment.LaneClock clock = new(0, 0);
        clock.Load(head.Clock);
        Line(output, $"  checkpoint  {Path.GetFileName(checkpoint.Path)}: {checkpoint.Bytes} bytes in {checkpoint.Segments} segments");
        Line(output, $"  offset      {head.Position}");
        Line(output, $"  lane time   {(clock.LaneTime == long.MinValue ? "none yet" : UnixTime.At(clock.LaneTime).ToString("u", CultureInfo.InvariantCulture))}");
        Line(output, $"  journal at  {head.JournalPosition}");
        Line(output, $"  series      {checkpoint.Series}, {checkpoint.OnProbation} of them on probation");
        foreach (GroupHead group in head.Groups)
        {
            Line(output, $"  group {group.Name}: {checkpoint.SeriesOf[group.Name]} series, model version {group.Champion} (before it {group.Predecessor})");
            foreach (StateSection section in group.Sections)
            {
                Line(output, $"    {section.Name,-8} {section.Length,6} bytes a series, settings {section.Settings:x16}");
            }
        }
    }

    static int Verify(IEnumerable<string> lanes, TextWriter output)
    {
        int damaged = 0;
        foreach (string folder in lanes)
        {
            foreach ((long Offset, long Number, string Path) manifest in LaneStore.Manifests(folder).OrderByDescending(static m => m.Number))
            {
                damaged += Verify(manifest.Path, output, () =>
                {
                    LaneInspection whole = LaneInspection.Read(manifest);
                    return string.Create(CultureInfo.InvariantCulture, $"offset {whole.Head.Position}, {whole.Series} series, {whole.Bytes} bytes");
                });
            }

            string journal = Path.Combine(folder, LaneJournal.FileName);
            damaged += Verify(journal, output, () =>
            {
                int entries = LaneJournal.Read(journal, out string? damage).Count;
                return damage is null ? string.Create(CultureInfo.InvariantCulture, $"{entries} entries") : throw new InvalidDataException(damage);
            });
        }

        Line(output, $"{(damaged == 0 ? "all can be read" : $"{damaged} damaged")}");
        return damaged == 0 ? 0 : Damaged;
    }

    static int Verify(string path, TextWriter output, Func<string> read)
    {
        try
        {
            Line(output, $"{path}: {read()}");
            return 0;
        }
        catch (Exception damage) when (damage is InvalidDataException or NotSupportedException or InvalidOperationException or IOException)
        {
            Line(output, $"{path}: DAMAGED: {damage.Message}");
            return 1;
        }
    }

    static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
