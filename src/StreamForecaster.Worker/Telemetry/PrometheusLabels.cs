using System.Globalization;
using System.Text;

namespace StreamForecaster.Worker.Telemetry;

/// <summary>Tags as Prometheus' labels, <c>name="value",…</c>, sorted by name.</summary>
static class PrometheusLabels
{
    /// <summary>The labels without their braces.</summary>
    public static string Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        KeyValuePair<string, object?>[] sorted = tags.ToArray();
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        StringBuilder labels = new();
        foreach ((string name, object? value) in sorted)
        {
            labels.Append(labels.Length > 0 ? "," : "");
            for (int i = 0; i < name.Length; i++)
            {
                labels.Append(char.IsAsciiLetter(name[i]) || (i > 0 && char.IsAsciiDigit(name[i])) ? name[i] : '_');
            }

            labels.Append("=\"");
            Escape(labels, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            labels.Append('"');
        }

        return labels.ToString();
    }

    static void Escape(StringBuilder labels, string value)
    {
        foreach (char character in value)
        {
            _ = character switch
            {
                '\\' => labels.Append("\\\\"),
                '"' => labels.Append("\\\""),
                '\n' => labels.Append("\\n"),
                '\r' => labels,
                _ => labels.Append(character),
            };
        }
    }
}
