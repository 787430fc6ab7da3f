namespace StreamForecaster.Worker.State;

/// <summary>Writes a whole file so that a crash leaves the old one or the new one, never a part.</summary>
public static class DurableFile
{
    /// <summary>Writes beside the target, syncs, renames over it.</summary>
    /// <exception cref="IOException">The disk refused; the old file is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string beside = path + ".new";
        using (FileStream file = new(beside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
