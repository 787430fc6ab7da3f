using System.Text;
using System.Text.Json;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Lanes;

/// <summary>Bad input: counted, and kept with its reason and its first bytes.</summary>
sealed partial class Lane
{
    const int PayloadBytesMax = 512;

    Utf8JsonWriter? _deadLetter;

    void DeadLetter(RawRecord record, string reason, int at)
    {
        Counters.DeadLetters++;
        if (!_isPublishing)
        {
            return;
        }

        _deadLetter ??= new(_results.DeadLetters);
        _deadLetter.Reset(_results.DeadLetters);
        _deadLetter.WriteStartObject();
        _deadLetter.WriteString("reason"u8, reason);
        _deadLetter.WriteString("topic"u8, Id.Topic);
        _deadLetter.WriteNumber("partition"u8, Id.Partition);
        _deadLetter.WriteNumber("offset"u8, record.Offset);
        _deadLetter.WriteNumber("at"u8, at);
        _deadLetter.WriteNumber("bytes"u8, record.FullLength);
        _deadLetter.WriteString("payload"u8, Encoding.UTF8.GetString(record.Value[..Math.Min(record.Value.Length, PayloadBytesMax)]));
        _deadLetter.WriteEndObject();
        _deadLetter.Flush();
        _results.DeadLetters.Append((byte)'\n');
        _results.DeadLetterCount++;
    }
}
