using System.Globalization;
using Confluent.Kafka;

namespace StreamForecaster.Worker.State;

/// <summary>The files of lanes as the records of the state's topics make them up, in the order they were written.</summary>
sealed class TopicFiles
{
    readonly Dictionary<string, Dictionary<string, SortedDictionary<int, byte[]>>> _files = new(StringComparer.Ordinal);
    readonly Dictionary<string, ByteBuffer> _journals = new(StringComparer.Ordinal);

    /// <summary>The lanes that have any.</summary>
    public IEnumerable<string> Lanes => _files.Keys.Union(_journals.Keys, StringComparer.Ordinal);

    /// <summary>Every lane's, for reading: no owner is fenced, and nothing is made.</summary>
    /// <exception cref="IOException">The brokers do not answer.</exception>
    public static TopicFiles Read(StateTopics topics)
    {
        TopicFiles files = new();
        for (int partition = 0; partition < topics.Partitions; partition++)
        {
            foreach (ConsumeResult<string, byte[]?> record in topics.Read(new(topics.StateTopic, partition)))
            {
                files.TakeState(record.Message);
            }

            foreach (ConsumeResult<string, byte[]?> record in topics.Read(new(topics.JournalTopic, partition)))
            {
                files.TakeJournal(record.Message);
            }
        }

        return files;
    }

    /// <summary>A record of the state's topic: a piece of a file, or that it is gone.</summary>
    public void TakeState(Message<string, byte[]?> record)
    {
        if (record.Key.Split('/', '#') is not [string lane, string file, string piece] || !int.TryParse(piece, CultureInfo.InvariantCulture, out int number))
        {
            return;
        }

        if (!_files.TryGetValue(lane, out Dictionary<string, SortedDictionary<int, byte[]>>? files))
        {
            _files.Add(lane, files = new(StringComparer.Ordinal));
        }

        if (!files.TryGetValue(file, out SortedDictionary<int, byte[]>? pieces))
        {
            files.Add(file, pieces = []);
        }

        if (record.Value is null)
        {
            pieces.Remove(number);
        }
        else
        {
            pieces[number] = record.Value;
        }
    }

    /// <summary>A record of the journal's topic: an entry, or all that stand for those before it.</summary>
    public void TakeJournal(Message<string, byte[]?> record)
    {
        string lane = StateTopics.LaneOf(record.Key);
        if (!_journals.TryGetValue(lane, out ByteBuffer? frames))
        {
            _journals.Add(lane, frames = new());
        }

        if (StateTopics.IsWhole(record.Key))
        {
            frames.Clear();
        }

        frames.Append(record.Value);
    }

    /// <summary>Writes a lane's files into its folder.</summary>
    /// <returns>The files of the state's topic, and of how many pieces each is made.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public IReadOnlyDictionary<string, int> WriteTo(string folder, string lane)
    {
        Directory.CreateDirectory(folder);
        Dictionary<string, int> written = new(StringComparer.Ordinal);
        foreach ((string file, SortedDictionary<int, byte[]> pieces) in _files.GetValueOrDefault(lane, []).Where(static file => file.Value.Count > 0))
        {
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(file)), [.. pieces.Values.SelectMany(static piece => piece)]);
            written[file] = pieces.Keys.Last() + 1;
        }

        File.WriteAllBytes(Path.Combine(folder, LaneJournal.FileName), _journals.TryGetValue(lane, out ByteBuffer? frames) ? frames.Written : []);
        return written;
    }
}
