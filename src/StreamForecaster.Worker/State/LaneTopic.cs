using System.Globalization;
using Confluent.Kafka;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.State;

/// <summary>
/// A lane's state in the topics: the same files as in its folder, which is scratch then. Opening fences the owner before and brings the files back; each
/// checkpoint goes up in one transaction, each journal entry too, before it acts.
/// </summary>
sealed class LaneTopic : IDisposable
{
    // Below Kafka's default limit of 1 MiB for a message.
    const int PieceBytes = 512 * 1024;

    readonly StateTopics _topics;
    readonly string _lane;
    readonly string _folder;
    readonly TopicPartition _state;
    readonly TopicPartition _journal;
    readonly IProducer<string, byte[]> _stateProducer;
    readonly IProducer<string, byte[]> _journalProducer;
    readonly Dictionary<string, int> _pieces = new(StringComparer.Ordinal);

    /// <summary>Takes the lane over, and makes its folder what the topics hold.</summary>
    /// <exception cref="IOException">The brokers or the disk refused.</exception>
    public LaneTopic(StateTopics topics, LaneId lane, string folder)
    {
        (_topics, _lane, _folder) = (topics, lane.ToString(), folder);
        _state = new(topics.StateTopic, topics.PartitionOf(lane));
        _journal = new(topics.JournalTopic, topics.PartitionOf(lane));
        _stateProducer = topics.Producer($"state-{lane}", topics.StateTopic);
        try
        {
            _journalProducer = topics.Producer($"journal-{lane}", topics.JournalTopic, topics.StateTopic);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            Restore();
        }
        catch
        {
            _journalProducer?.Dispose();
            _stateProducer.Dispose();
            throw;
        }
    }

    /// <summary>Makes a journal entry's frame durable.</summary>
    /// <exception cref="IOException">The brokers refused, or a later owner has taken the lane.</exception>
    public void Append(ReadOnlySpan<byte> frame)
    {
        byte[] copy = frame.ToArray();
        StateTopics.Transact(_journalProducer, write => write(_journal, _lane, copy));
    }

    /// <summary>What the journal holds from now on: it goes to the topic's end, in one transaction, and what no lane needs any more before it is deleted.</summary>
    /// <exception cref="IOException">The brokers refused, or a later owner has taken the lane; nothing is changed.</exception>
    public void Rewrite(ReadOnlySpan<byte> frames)
    {
        byte[] copy = frames.ToArray();
        StateTopics.Transact(_journalProducer, write => write(_journal, _lane + StateTopics.WholeEnding, copy));
        _topics.ShortenJournal(_journal);
    }

    /// <summary>Makes it durable up to where results may be published.</summary>
    /// <exception cref="IOException">The brokers refused, or a later owner has taken the lane.</exception>
    public void LetPublish(long offset) =>
        StateTopics.Transact(_journalProducer, write => write(_state, Key(LaneJournal.PublishedName, 0), BitConverter.GetBytes(offset)));

    /// <summary>Brings what has changed among the checkpoints' files up.</summary>
    /// <exception cref="IOException">The brokers refused, or a later owner has taken the lane; the next call tries again.</exception>
    public void Keep()
    {
        string[] files = [.. Directory.EnumerateFiles(_folder, "*" + LaneStore.SegmentEnding).Concat(Directory.EnumerateFiles(_folder, "*" + LaneStore.ManifestEnding)).Select(static path => Path.GetFileName(path))];
        string[] fresh = [.. files.Where(file => !_pieces.ContainsKey(file))];
        string[] gone = [.. _pieces.Keys.Except(files, StringComparer.Ordinal)];
        Dictionary<string, int> pieces = new(StringComparer.Ordinal);
        StateTopics.Transact(_stateProducer, write =>
        {
            foreach (string file in fresh)
            {
                byte[] bytes = File.ReadAllBytes(Path.Combine(_folder, file));
                byte[][] cut = [.. bytes.Chunk(PieceBytes)];
                pieces[file] = cut.Length;
                for (int i = 0; i < cut.Length; i++)
                {
                    write(_state, Key(file, i), cut[i]);
                }
            }

            foreach (string file in gone)
            {
                for (int i = 0; i < _pieces[file]; i++)
                {
                    write(_state, Key(file, i), null);
                }
            }
        });
        foreach ((string file, int count) in pieces)
        {
            _pieces[file] = count;
        }

        foreach (string file in gone)
        {
            _pieces.Remove(file);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stateProducer.Dispose();
        _journalProducer.Dispose();
    }

    void Restore()
    {
        TopicFiles files = new();
        foreach (ConsumeResult<string, byte[]?> record in _topics.Read(_state).Where(record => record.Message.Key.StartsWith(_lane + "/", StringComparison.Ordinal)))
        {
            files.TakeState(record.Message);
        }

        foreach (ConsumeResult<string, byte[]?> record in _topics.Read(_journal).Where(record => string.Equals(StateTopics.LaneOf(record.Message.Key), _lane, StringComparison.Ordinal)))
        {
            files.TakeJournal(record.Message);
        }

        foreach ((string file, int pieces) in files.WriteTo(_folder, _lane).Where(static file => !string.Equals(file.Key, LaneJournal.PublishedName, StringComparison.Ordinal)))
        {
            _pieces[file] = pieces;
        }

        long generation = LaneJournal.Read(Path.Combine(_folder, LaneJournal.FileName)).Select(static entry => entry.Generation).DefaultIfEmpty().Max();
        File.WriteAllBytes(Path.Combine(_folder, LaneJournal.GenerationName), BitConverter.GetBytes(generation));
    }

    string Key(string file, int piece) => string.Create(CultureInfo.InvariantCulture, $"{_lane}/{file}#{piece}");
}
