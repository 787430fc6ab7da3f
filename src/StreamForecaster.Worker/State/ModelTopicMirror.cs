using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.State;

/// <summary>The model store's folder in the compacted topic: what is there comes at start and whenever another process adds to it, what this process
/// changes goes up. A manifest is taken over only where it is later than the one here.</summary>
sealed class ModelTopicMirror : IDisposable
{
    const int PieceBytes = 512 * 1024;
    const string Manifest = "manifest.json";
    static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(10);

    readonly StateTopics _topics;
    readonly string _folder;
    readonly TopicPartition _partition;
    readonly IProducer<string, byte[]> _producer;
    readonly Dictionary<string, byte[]?[]> _arriving = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> _pieces = new(StringComparer.Ordinal);
    readonly Lock _gate = new();
    readonly ITimer _timer;
    long _next;

    /// <summary>Brings the models that are in the topic into the folder.</summary>
    /// <exception cref="IOException">The brokers or the disk refused.</exception>
    public ModelTopicMirror(StateTopics topics, string folder, TimeProvider time)
    {
        (_topics, _folder, _partition) = (topics, folder, new(topics.ModelTopic, 0));
        _producer = topics.Producer(null, topics.ModelTopic);
        Refresh();
        _timer = time.CreateTimer(_ => TryRefresh(), null, RefreshEvery, RefreshEvery);
    }

    /// <summary>Takes what others have added.</summary>
    /// <exception cref="IOException">The brokers or the disk refused.</exception>
    public void Refresh()
    {
        lock (_gate)
        {
            foreach (ConsumeResult<string, byte[]?> record in _topics.Read(_partition, _next))
            {
                _next = record.Offset + 1;
                Take(record.Message);
            }
        }
    }

    /// <summary>A group's folder has changed: new versions go up, then the manifest; what is gone is taken out.</summary>
    /// <exception cref="IOException">The brokers refused.</exception>
    public void Send(string group)
    {
        lock (_gate)
        {
            string name = ModelStore.FolderName(group);
            string[] files = [.. Directory.EnumerateFiles(Path.Combine(_folder, name), "v*.safetensors").Select(path => $"{name}/{Path.GetFileName(path)}")];
            foreach (string file in files.Where(file => !_pieces.ContainsKey(file)))
            {
                _pieces[file] = SendFile(file);
            }

            _producer.Flush();
            SendFile($"{name}/{Manifest}");
            foreach (string gone in _pieces.Keys.Where(file => file.StartsWith($"{name}/", StringComparison.Ordinal)).Except(files, StringComparer.Ordinal).ToArray())
            {
                _pieces.Remove(gone, out int count);
                for (int i = 0; i < count; i++)
                {
                    StateTopics.Produce(_producer, _partition, Key(gone, i, count), value: null);
                }
            }

            _producer.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _producer.Dispose();
    }

    // A broker that is away is asked again.
    void TryRefresh()
    {
        try
        {
            Refresh();
        }
        catch (Exception away) when (away is IOException or KafkaException)
        {
            return;
        }
    }

    int SendFile(string file)
    {
        byte[][] pieces = [.. File.ReadAllBytes(Path.Combine(_folder, file)).Chunk(PieceBytes)];
        for (int i = 0; i < pieces.Length; i++)
        {
            StateTopics.Produce(_producer, _partition, Key(file, i, pieces.Length), pieces[i]);
        }

        return pieces.Length;
    }

    static string Key(string file, int piece, int of) => string.Create(CultureInfo.InvariantCulture, $"{file}#{piece}/{of}");

    void Take(Message<string, byte[]?> record)
    {
        if (record.Key.Split('#', '/') is not [string group, string file, string piece, string of] || record.Value is null
            || !int.TryParse(piece, CultureInfo.InvariantCulture, out int number) || !int.TryParse(of, CultureInfo.InvariantCulture, out int count)
            || count is < 1 or > 4096 || number < 0 || number >= count)
        {
            return;
        }

        string name = $"{Path.GetFileName(group)}/{Path.GetFileName(file)}";
        if (!_arriving.TryGetValue(name, out byte[]?[]? pieces) || pieces.Length != count)
        {
            _arriving[name] = pieces = new byte[]?[count];
        }

        pieces[number] = record.Value;
        if (Array.TrueForAll(pieces, static one => one is not null))
        {
            _arriving.Remove(name);
            Write(name, [.. pieces.SelectMany(static one => one!)], count);
        }
    }

    void Write(string name, byte[] bytes, int count)
    {
        string path = Path.Combine(_folder, name);
        bool isManifest = string.Equals(Path.GetFileName(name), Manifest, StringComparison.Ordinal);
        if (isManifest ? File.Exists(path) && SequenceOf(File.ReadAllBytes(path)) >= SequenceOf(bytes) : File.Exists(path))
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DurableFile.Write(path, bytes);
        if (!isManifest)
        {
            _pieces[name] = count;
        }
    }

    static long SequenceOf(byte[] manifest) => JsonSerializer.Deserialize(manifest, ManifestJson.Default.GroupManifest)?.Sequence ?? 0;
}
