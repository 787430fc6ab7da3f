using System.Text.Json;

namespace StreamForecaster.Decoding;

/// <content>The pieces that the JSON formats share. Each reader method is called at a property's name.</content>
public abstract partial class JsonDecoder
{
    readonly ByteBuffer _keyScratch = new(256);
    string? _problem;
    int _problemAt;

    /// <summary>Begins a metric: no name, no tags, nothing wrong yet.</summary>
    private protected void Begin()
    {
        Series.Clear();
        _problem = null;
    }

    /// <summary>Notes what is wrong with the metric; the first counts.</summary>
    private protected void Note(string? problem, int at)
    {
        if (_problem is null && problem is not null)
        {
            (_problem, _problemAt) = (problem, at);
        }
    }

    /// <summary>What is wrong, which is forgotten; or null.</summary>
    private protected string? TakeProblem()
    {
        string? problem = _problem;
        _problem = null;
        return problem;
    }

    /// <summary>True where nothing is wrong; else adds the error, and forgets it.</summary>
    private protected bool IsSound(PointBatch points)
    {
        if (_problem is null)
        {
            return true;
        }

        points.AddError(_problem, _problemAt);
        _problem = null;
        return false;
    }

    /// <summary>The text of the current string, number or boolean; false for anything else, which is passed over.</summary>
    private protected static bool TryText(scoped ref Utf8JsonReader reader, ByteBuffer scratch, out ReadOnlySpan<byte> text)
    {
        text = default;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                text = JsonText.Of(ref reader, scratch);
                return true;
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                text = reader.ValueSpan;
                return true;
            default:
                reader.Skip();
                return false;
        }
    }

    /// <summary>Reads a timestamp, number or text; null leaves <paramref name="timestampNs"/> as it was.</summary>
    private protected void ReadTime(ref Utf8JsonReader reader, ref long timestampNs)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        int at = At(ref reader);
        long parsed = 0;
        bool isText = reader.TokenType == JsonTokenType.String;
        bool good = TryText(ref reader, Scratch, out ReadOnlySpan<byte> text)
            && (isText
                ? TimeText.TryParseText(text, Unit, out parsed)
                : TimeText.TryParseNumber(text, Unit, out parsed));
        if (good)
        {
            timestampNs = parsed;
        }
        else
        {
            Note("the timestamp is not a time between 1684 and 2255", at);
        }
    }

    /// <summary>Reads the metric's name.</summary>
    private protected void ReadName(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            Series.SetName(JsonText.Of(ref reader, Scratch));
        }
        else
        {
            Note("the name is not text", At(ref reader));
            reader.Skip();
        }
    }

    /// <summary>Reads an object of tags, but for the one called <paramref name="except"/>; its value is the name if there is none yet.</summary>
    private protected void ReadTags(ref Utf8JsonReader reader, ReadOnlySpan<byte> except = default)
    {
        if (!TryEnter(ref reader, "the tags are not an object"))
        {
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            ReadOnlySpan<byte> key = JsonText.Of(ref reader, _keyScratch);
            reader.Read();
            int at = At(ref reader);
            bool isNull = reader.TokenType == JsonTokenType.Null;
            if (!TryText(ref reader, Scratch, out ReadOnlySpan<byte> value))
            {
                Note(isNull ? null : "a tag's value is not text", at);
            }
            else if (except.IsEmpty || !key.SequenceEqual(except))
            {
                Series.AddTag(key, value);
            }
            else if (Series.Name.IsEmpty)
            {
                Series.SetName(value);
            }
        }
    }

    /// <summary>True where the property's value is an object; else passes over it, and notes the problem unless it is null.</summary>
    private protected bool TryEnter(ref Utf8JsonReader reader, string problem, JsonTokenType opening = JsonTokenType.StartObject)
    {
        reader.Read();
        if (reader.TokenType == opening)
        {
            return true;
        }

        Note(reader.TokenType == JsonTokenType.Null ? null : problem, At(ref reader));
        reader.Skip();
        return false;
    }

    /// <summary>Passes over the property's value.</summary>
    private protected static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
