using System.IO.Compression;

namespace StreamForecaster.Decoding;

/// <summary>Inflates gzip to at most a number of bytes, into a buffer that is kept. Allocates per record, not per byte.</summary>
sealed class GzipInflater(int maxBytes)
{
    // What stays between records; a larger one is let go after its record.
    const int KeptBytes = 1024 * 1024;

    byte[] _buffer = [];

    /// <summary>True where the bytes begin as gzip does.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> payload) => payload.Length > 2 && payload[0] == 0x1f && payload[1] == 0x8b;

    /// <summary>Inflates; on failure says what is wrong and gives what came before.</summary>
    public unsafe ReadOnlySpan<byte> Inflate(ReadOnlySpan<byte> payload, out string? problem)
    {
        if (_buffer.Length is 0 or > KeptBytes)
        {
            _buffer = new byte[Math.Min(64 * 1024, maxBytes)];
        }

        int length = 0;
        problem = null;
        fixed (byte* start = payload)
        {
            using var compressed = new UnmanagedMemoryStream(start, payload.Length);
            using var inflated = new GZipStream(compressed, CompressionMode.Decompress);
            try
            {
                length = ReadAll(inflated, ref problem);
            }
            catch (InvalidDataException)
            {
                problem = "the gzip is cut off or damaged";
            }
        }

        return _buffer.AsSpan(0, length);
    }

    int ReadAll(GZipStream inflated, ref string? problem)
    {
        int length = 0;
        while (true)
        {
            if (length == _buffer.Length)
            {
                if (length == maxBytes)
                {
                    problem = inflated.ReadByte() < 0 ? null : "the inflated record is larger than maxRecordBytes";
                    return problem is null ? length : 0;
                }

                Array.Resize(ref _buffer, (int)Math.Min(maxBytes, 2L * length));
            }

            int read = inflated.Read(_buffer, length, _buffer.Length - length);
            if (read == 0)
            {
                return length;
            }

            length += read;
        }
    }
}
