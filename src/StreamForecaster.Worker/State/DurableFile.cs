using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.State;

/// <summary>Writes a whole file so that a crash leaves the old one or the new one, never a part.</summary>
public static class DurableFile
{
    /// <summary>Writes beside the target, syncs, renames over it, and syncs the folder: only then is the new name durable.</summary>
    /// <exception cref="IOException">The disk refused; the file is the old one or the new one.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes) =>
        DurableFolder.Replace(path, bytes, static (file, content, position) => RandomAccess.Write(file, content, position));
}
