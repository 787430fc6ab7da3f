using System.Globalization;
using System.Text;

namespace StreamForecaster.Worker.Ingestion.Replay;

/// <summary>
/// A CSV file with a header: a time column and columns of numbers, each of which is a field of the measurement. Every row after the
/// header is a record, so a record's offset is its row's index.
/// </summary>
sealed class CsvReader : ReplayReader
{
    readonly StreamReader _lines;
    readonly string _name;
    readonly List<string> _fields = [];
    readonly List<string> _columns = [];
    readonly int _timeColumn;
    readonly ByteBuffer _payload = new();

    internal CsvReader(string path, string name)
    {
        _lines = new(path, Encoding.UTF8);
        _name = Escape(name);
        Split(_lines.ReadLine() ?? "", _columns);
        _timeColumn = TimeColumn.Find(_columns);
        for (int i = 0; i < _columns.Count; i++)
        {
            _columns[i] = Escape(_columns[i].Trim());
        }
    }

    internal override ReadOnlySpan<byte> Payload => _payload.Written;

    internal override long Position => _lines.BaseStream.Position;

    internal override long Length => _lines.BaseStream.Length;

    internal override bool Read()
    {
        if (_lines.ReadLine() is not { } line)
        {
            return false;
        }

        _payload.Clear();
        Split(line, _fields);
        if (_fields.Count != _columns.Count
            || !TimeColumn.TryParse(_fields[_timeColumn].Trim(), out long timestampNs)
            || !TryFormat(timestampNs))
        {
            _payload.Clear();
            Append(line);
            return true;
        }

        TimestampNs = timestampNs;
        return true;
    }

    public override void Dispose() => _lines.Dispose();

    // Line protocol of the row; false where no column holds a number.
    bool TryFormat(long timestampNs)
    {
        Append(_name);
        char separator = ' ';
        for (int i = 0; i < _columns.Count; i++)
        {
            if (i == _timeColumn
                || _columns[i].Length == 0
                || !double.TryParse(_fields[i], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                || !double.IsFinite(value))
            {
                continue;
            }

            Append(string.Create(CultureInfo.InvariantCulture, $"{separator}{_columns[i]}={value:R}"));
            separator = ',';
        }

        Append(string.Create(CultureInfo.InvariantCulture, $" {timestampNs}"));
        return separator == ',';
    }

    void Append(string text)
    {
        Span<byte> to = _payload.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _payload.Advance(Encoding.UTF8.GetBytes(text, to));
    }

    static string Escape(string name) => name
        .Replace(",", "\\,", StringComparison.Ordinal)
        .Replace(" ", "\\ ", StringComparison.Ordinal)
        .Replace("=", "\\=", StringComparison.Ordinal);

    // Fields between separators; quoted ones may hold them, and "" for a quote.
    internal static void Split(string line, List<string> fields, char separator = ',')
    {
        fields.Clear();
        int start = 0;
        bool quoted = false;
        for (int i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"')
            {
                quoted = !quoted;
            }
            else if (i == line.Length || (line[i] == separator && !quoted))
            {
                string field = line[start..i];
                fields.Add(field is ['"', .. string inner, '"'] ? inner.Replace("\"\"", "\"", StringComparison.Ordinal) : field);
                start = i + 1;
            }
        }
    }
}
