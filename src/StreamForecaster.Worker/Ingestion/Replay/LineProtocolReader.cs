using System.Globalization;
using System.Text;

namespace StreamForecaster.Worker.Ingestion.Replay;

/// <summary>A file of line protocol: a record per line; empty lines and comments (<c>#</c>) are passed over.</summary>
sealed class LineProtocolReader(string path) : ReplayReader
{
    readonly StreamReader _lines = new(path, Encoding.UTF8);
    byte[] _payload = [];

    internal override ReadOnlySpan<byte> Payload => _payload;

    internal override long Position => _lines.BaseStream.Position;

    internal override long Length => _lines.BaseStream.Length;

    internal override bool Read()
    {
        while (_lines.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            _payload = Encoding.UTF8.GetBytes(line);
            ReadOnlySpan<char> last = line.AsSpan(line.LastIndexOf(' ') + 1);
            if (long.TryParse(last, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                && TimeColumn.TryScale(number, out long timestampNs))
            {
                TimestampNs = timestampNs;
            }

            return true;
        }

        return false;
    }

    public override void Dispose() => _lines.Dispose();
}
