using System.Text.Json;

namespace StreamForecaster.Decoding;

/// <summary>Looks at the first properties of JSON: which format it is, and whether it lies in an envelope.</summary>
static class JsonShape
{
    /// <summary>The format, or null where the properties are of none.</summary>
    public static DecodeFormat? Tell(ReadOnlySpan<byte> payload, int maxDepth)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = maxDepth });
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
            {
                // An array is of its first element's format.
            }

            return reader.TokenType == JsonTokenType.StartObject ? TellObject(ref reader) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The place of <c>payload</c> in Kafka Connect's <c>{"schema":…,"payload":…}</c>; false where it is no such envelope.</summary>
    public static bool TryUnwrap(ReadOnlySpan<byte> payload, int maxDepth, out Range inner)
    {
        inner = default;
        int first = payload.IndexOfAnyExcept("{ \t\r\n"u8);
        if (first < 1 || !(payload[first..].StartsWith("\"schema\""u8) || payload[first..].StartsWith("\"payload\""u8)))
        {
            return false;
        }

        bool hasSchema = false, hasPayload = false;
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isPayload = reader.ValueSpan.SequenceEqual("payload"u8);
                hasSchema |= reader.ValueSpan.SequenceEqual("schema"u8);
                hasPayload |= isPayload;
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                inner = isPayload ? start..(int)reader.BytesConsumed : inner;
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return hasSchema && hasPayload;
    }

    static DecodeFormat? TellObject(ref Utf8JsonReader reader)
    {
        bool hasName = false, hasValue = false, hasLabels = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> property = reader.ValueSpan;
            if (property.SequenceEqual("fields"u8) || property.SequenceEqual("metrics"u8))
            {
                return DecodeFormat.TelegrafJson;
            }

            if (property.SequenceEqual("resourceMetrics"u8))
            {
                return DecodeFormat.OtlpJson;
            }

            hasName |= property.SequenceEqual("name"u8);
            hasLabels |= property.SequenceEqual("labels"u8);
            hasValue |= property.SequenceEqual("value"u8);
            reader.Read();
            reader.Skip();
        }

        return hasValue && (hasName || hasLabels) ? DecodeFormat.PrometheusJson : null;
    }
}
