using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Commands;

/// <summary>State to look into: a folder as it is, or what the topics of the settings hold, brought into a folder that goes again.</summary>
sealed class StateFolder : IDisposable
{
    /// <summary>What stands for the topics where a folder is asked for.</summary>
    public const string Topics = "topics";

    readonly string? _copy;

    StateFolder(string path, string? copy) => (Path, _copy) = (path, copy);

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Opens it; null, with a line that says why, where there is none.</summary>
    /// <param name="path">A folder, or <see cref="Topics"/>.</param>
    /// <param name="settings">Gives the settings that name the topics.</param>
    /// <param name="error">Takes the line.</param>
    /// <exception cref="SettingsException">The settings are wrong.</exception>
    public static StateFolder? Open(string path, Func<Settings> settings, TextWriter error)
    {
        if (!string.Equals(path, Topics, StringComparison.Ordinal))
        {
            if (Directory.Exists(path))
            {
                return new(path, copy: null);
            }

            error.WriteLine($"{path}: there is no such folder; allowed: a state folder, one lane's folder in it, or {Topics}");
            return null;
        }

        Settings read = settings();
        string copy = Directory.CreateTempSubdirectory("streamforecaster-state-").FullName;
        StateFolder folder = new(copy, copy);
        try
        {
            TopicFiles files = TopicFiles.Read(StateTopics.ToRead(read.Kafka, read.State));
            foreach (string lane in files.Lanes)
            {
                files.WriteTo(System.IO.Path.Combine(copy, "lanes", System.IO.Path.GetFileName(lane)), lane);
            }

            return folder;
        }
        catch (Exception away) when (away is IOException or Confluent.Kafka.KafkaException)
        {
            folder.Dispose();
            error.WriteLine($"{Topics} {read.State.TopicPrefix}-… at {read.Kafka.BootstrapServers}: {away.Message}");
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_copy is not null)
        {
            Directory.Delete(_copy, recursive: true);
        }
    }
}
