using System.Buffers;
using System.Text.Json;

namespace StreamForecaster.Worker.Ingestion.Host;

/// <summary>One record to send: its key and its Telegraf JSON.</summary>
public readonly record struct TelegrafRecord(string Key, byte[] Payload);

/// <summary>
/// Metrics of one moment as Telegraf writes them (<c>data_format = "json"</c>), a record per source: the key is <c>host/instance</c>,
/// so that a series stays in one partition and the sources spread over all.
/// </summary>
public sealed class TelegrafRecords : IDisposable
{
    readonly string _host;
    readonly List<TelegrafRecord> _records = [];
    readonly ArrayBufferWriter<byte> _buffer = new();
    readonly Utf8JsonWriter _json;
    string _key = "";
    string _name = "";
    KeyValuePair<string, string>[] _tags = [];
    long _unixSeconds;

    /// <summary>For the metrics of <paramref name="host"/>.</summary>
    public TelegrafRecords(string host)
    {
        _host = host;
        _json = new(_buffer);
    }

    /// <summary>What has been written since <see cref="Start"/>.</summary>
    public IReadOnlyList<TelegrafRecord> Written => _records;

    /// <summary>Begins a moment; what was written before is forgotten.</summary>
    public void Start(DateTimeOffset time)
    {
        _records.Clear();
        _unixSeconds = time.ToUnixTimeSeconds();
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Begins a record; <see cref="Field"/> follows, then <see cref="End"/>.</summary>
    /// <param name="name">The metric's name.</param>
    /// <param name="instance">Tells the sources of a host apart, in the key.</param>
    /// <param name="tags">Tags beside <c>host</c>.</param>
    internal void Begin(string name, string instance, params KeyValuePair<string, string>[] tags)
    {
        _name = name;
        _key = $"{_host}/{instance}";
        _tags = tags;
        _buffer.Clear();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteStartObject("fields");
    }

    /// <summary>A value; one that is not finite is left out, as Telegraf does.</summary>
    internal void Field(string name, double value)
    {
        if (double.IsFinite(value))
        {
            _json.WriteNumber(name, value);
        }
    }

    /// <summary>Ends the record.</summary>
    internal void End()
    {
        _json.WriteEndObject();
        _json.WriteString("name", _name);
        _json.WriteStartObject("tags");
        _json.WriteString("host", _host);
        foreach ((string key, string value) in _tags)
        {
            _json.WriteString(key, value);
        }

        _json.WriteEndObject();
        _json.WriteNumber("timestamp", _unixSeconds);
        _json.WriteEndObject();
        _json.Flush();
        _records.Add(new(_key, _buffer.WrittenSpan.ToArray()));
    }
}
