using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>models</c>: what the model store holds, and which version answers. A running daemon sees a change within seconds.</summary>
public static class ModelsCommand
{
    const int Failed = 1;

    static readonly Option<string> Store = new("--store")
    {
        Description = "The folder of the models.",
        DefaultValueFactory = _ => Path.Combine("data", "state", "models"),
        Recursive = true,
    };

    /// <summary>The command line of it.</summary>
    public static Command Create() => new("models", "List, show and choose versions of the models. Example: models rollback cpu")
    {
        Store, List(), Show(), Rollback(), Promote(), Forget(),
    };

    static Command List()
    {
        var command = new Command("list", "Every group with the version that answers. Example: models list");
        command.SetAction(parsed => Guarded(parsed, static (parsed, store, output) =>
        {
            foreach (string group in store.Groups)
            {
                GroupManifest manifest = Known(store, group);
                Line(output, $"{group}\tversion {manifest.Champion}\t{manifest.Versions.Count} kept\t{Kept(manifest, manifest.Champion)?.Reason ?? "none yet"}");
            }
        }));
        return command;
    }

    static Command Show()
    {
        Argument<string> group = Group();
        var command = new Command("show", "A group's versions and the last changes. Example: models show cpu") { group };
        command.SetAction(parsed => Guarded(parsed, (parsed, store, output) =>
        {
            GroupManifest manifest = Known(store, parsed.GetRequiredValue(group));
            foreach (StoredVersion version in manifest.Versions)
            {
                DateTimeOffset trainedAt = DateTimeOffset.UnixEpoch.AddTicks(version.TrainedAtNs / TimeSpan.NanosecondsPerTick);
                Line(output, $"{(version.Version == manifest.Champion ? "*" : " ")} version {version.Version}\t{trainedAt:u}\t{version.Bytes} bytes\t{version.Reason}");
            }

            foreach (StoreRecord record in manifest.Records)
            {
                Line(output, $"  {record.At:u}\t{record.Kind}\t{(record.ToNs == 0 ? $"version {record.Version}" : record.Period)}");
            }
        }));
        return command;
    }

    static Command Rollback()
    {
        Argument<string> group = Group();
        var command = new Command("rollback", "Back to the version before the one that answers. Example: models rollback cpu") { group };
        command.SetAction(parsed => Guarded(parsed, (parsed, store, output) =>
        {
            string name = parsed.GetRequiredValue(group);
            GroupManifest manifest = Known(store, name);
            StoredVersion before = manifest.Versions.Where(version => version.Version < manifest.Champion).MaxBy(version => version.Version)
                ?? throw new InvalidDataException($"Group '{name}' has no version before {manifest.Champion}.");
            Chosen(output, store.Choose(name, before.Version, StoreRecord.RolledBack));
        }));
        return command;
    }

    static Command Promote()
    {
        Argument<string> group = Group();
        Argument<long> version = new("version") { Description = "A version that the store keeps." };
        var command = new Command("promote", "Let a version answer. Example: models promote cpu 12") { group, version };
        command.SetAction(parsed => Guarded(parsed, (parsed, store, output) =>
        {
            string name = parsed.GetRequiredValue(group);
            Known(store, name);
            Chosen(output, store.Choose(name, parsed.GetRequiredValue(version), StoreRecord.Promoted));
        }));
        return command;
    }

    static Command Forget()
    {
        Argument<string> group = Group();
        Option<DateTimeOffset> from = new("--from") { Description = "The first moment, ISO 8601.", Required = true, CustomParser = Moment };
        Option<DateTimeOffset> to = new("--to") { Description = "The last moment, ISO 8601.", Required = true, CustomParser = Moment };
        var command = new Command(
            "forget", "Train no more on a period. Example: models forget cpu --from 2026-11-21T10:00Z --to 2026-11-21T11:00Z") { group, from, to };
        command.SetAction(parsed => Guarded(parsed, (parsed, store, output) =>
        {
            string name = parsed.GetRequiredValue(group);
            Known(store, name);
            (DateTimeOffset first, DateTimeOffset last) = (parsed.GetRequiredValue(from), parsed.GetRequiredValue(to));
            if (last < first)
            {
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"--to {last:u} is before --from {first:u}."));
            }

            store.Forget(name, Nanoseconds(first), Nanoseconds(last));
            Line(output, $"{name}: the period is forgotten; versions trained on it answer until they are rolled back");
        }));
        return command;
    }

    static Argument<string> Group() => new("group") { Description = "The series group." };

    static DateTimeOffset Moment(ArgumentResult given)
    {
        string text = given.Tokens[^1].Value;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment))
        {
            given.AddError($"'{text}' is no time such as 2026-11-21T10:00Z");
        }

        return moment;
    }

    static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    // A group that learns and has no champion yet has no manifest.
    static GroupManifest Known(ModelStore store, string group) => store.Read(group)
        ?? (store.Groups.Contains(group, StringComparer.Ordinal) ? new GroupManifest { Group = group } : null)
        ?? throw new InvalidDataException($"The store has no group '{group}'; it has: {string.Join(", ", store.Groups)}.");

    static StoredVersion? Kept(GroupManifest manifest, long version) => manifest.Versions.FirstOrDefault(kept => kept.Version == version);

    static void Chosen(TextWriter output, GroupManifest manifest) => Line(output, $"{manifest.Group}: version {manifest.Champion} answers now");

    static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    static int Guarded(ParseResult parsed, Action<ParseResult, ModelStore, TextWriter> work)
    {
        try
        {
            var store = new ModelStore(parsed.GetRequiredValue(Store), int.MaxValue, TimeProvider.System);
            work(parsed, store, parsed.InvocationConfiguration.Output);
            return 0;
        }
        catch (Exception wrong) when (wrong is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            parsed.InvocationConfiguration.Error.WriteLine(wrong.Message);
            return Failed;
        }
    }
}
