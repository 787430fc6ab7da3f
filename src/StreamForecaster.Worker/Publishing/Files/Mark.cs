using System.Globalization;
using System.Text;

namespace StreamForecaster.Worker.Publishing.Files;

/// <summary>Everything up to an offset lies in a lane's files up to this place: file <paramref name="Number"/>, first
/// <paramref name="Length"/> bytes.</summary>
readonly record struct Mark(long Offset, int Number, long Length)
{
    /// <summary>The mark as a line of text with its checksum.</summary>
    public string ToLine()
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Offset} {Number} {Length}");
        return string.Create(CultureInfo.InvariantCulture, $"{text} {Checksum(text):x8}\n");
    }

    /// <summary>Reads a line written by <see cref="ToLine"/>; false where the checksum says that it is not whole.</summary>
    public static bool TryParse(string line, out Mark mark)
    {
        mark = default;
        string[] parts = line.Split(' ');
        if (parts.Length != 4
            || !long.TryParse(parts[0], CultureInfo.InvariantCulture, out long offset)
            || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out int number)
            || !long.TryParse(parts[2], CultureInfo.InvariantCulture, out long length)
            || !uint.TryParse(parts[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint checksum)
            || checksum != Checksum(line[..line.LastIndexOf(' ')]))
        {
            return false;
        }

        mark = new(offset, number, length);
        return true;
    }

    static uint Checksum(string text) => StreamForecaster.State.Checksum.Of(Encoding.ASCII.GetBytes(text));
}
