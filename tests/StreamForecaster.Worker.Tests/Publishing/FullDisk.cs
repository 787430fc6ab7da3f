using Microsoft.Win32.SafeHandles;

namespace StreamForecaster.Worker.Tests.Publishing;

/// <summary>A disk with a switch: full, it takes half of a write and then refuses, as a real one does.</summary>
sealed class FullDisk
{
    int _refusals;

    public bool Full { get; set; }

    /// <summary>How often it has refused.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long position)
    {
        if (Full)
        {
            RandomAccess.Write(file, bytes[..(bytes.Length / 2)], position);
            Interlocked.Increment(ref _refusals);
            throw new IOException("No space left on device", 28);
        }

        RandomAccess.Write(file, bytes, position);
    }
}
