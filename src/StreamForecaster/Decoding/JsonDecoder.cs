using System.Text.Json;
using System.Text.Unicode;

namespace StreamForecaster.Decoding;

/// <summary>
/// The frame of the JSON decoders: one object, an array of them, or several objects one after the other (a line each). A syntax
/// error ends the object that it is in; reading goes on at the next line that begins with a brace.
/// </summary>
public abstract partial class JsonDecoder : IDecoder
{
    // Each syntax error costs an exception; a record made of them must not hold up its lane.
    const int SyntaxErrorsMax = 32;

    readonly JsonReaderOptions _options;
    int _start; // where the reader's span begins in the payload

    /// <summary>Takes the settings shared by all JSON formats.</summary>
    protected JsonDecoder(DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Unit = options.TimestampUnit;
        _options = new() { AllowMultipleValues = true, MaxDepth = options.MaxDepth };
    }

    private protected TimestampUnit Unit { get; }

    private protected SeriesKeyBuilder Series { get; } = new();

    private protected ByteBuffer Scratch { get; } = new(1024);

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> payload, long recordTimestampNs, PointBatch points)
    {
        ArgumentNullException.ThrowIfNull(points);
        Series.CheckUtf8 = !Utf8.IsValid(payload);
        _start = 0;
        for (int errors = 0; _start < payload.Length; errors++)
        {
            if (errors == SyntaxErrorsMax)
            {
                points.AddError("too many syntax errors: the rest of the record is not read", _start);
                return;
            }

            var reader = new Utf8JsonReader(payload[_start..], _options);
            try
            {
                DecodeAll(ref reader, recordTimestampNs, points);
                return;
            }
            catch (JsonException)
            {
                int at = _start + (int)reader.BytesConsumed;
                points.AddError("the JSON is cut off, malformed or nested too deeply", at);
                _start = NextObject(payload, at);
            }
        }
    }

    /// <summary>Reads one object; the reader is at its start and must be left at its end.</summary>
    private protected abstract void DecodeObject(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points);

    /// <summary>The payload's byte at which the current token begins.</summary>
    private protected int At(ref Utf8JsonReader reader) => _start + (int)reader.TokenStartIndex;

    /// <summary>Reads each object of an array; the reader is at the array's start and is left at its end.</summary>
    private protected void DecodeArray(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            DecodeElement(ref reader, recordTimestampNs, points);
        }
    }

    // A missing brace is noticed only at the next line's own: the search begins before the white space.
    static int NextObject(ReadOnlySpan<byte> payload, int from)
    {
        int before = payload[..from].LastIndexOfAnyExcept(" \t\r\n"u8) + 1;
        int next = payload[before..].IndexOf("\n{"u8);
        return next < 0 ? payload.Length : before + next + 1;
    }

    void DecodeAll(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points)
    {
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                DecodeArray(ref reader, recordTimestampNs, points);
            }
            else
            {
                DecodeElement(ref reader, recordTimestampNs, points);
            }
        }
    }

    void DecodeElement(ref Utf8JsonReader reader, long recordTimestampNs, PointBatch points)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            DecodeObject(ref reader, recordTimestampNs, points);
            return;
        }

        points.AddError("an object was expected", At(ref reader));
        reader.Skip();
    }
}
