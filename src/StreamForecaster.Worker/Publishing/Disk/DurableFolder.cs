using System.Runtime.InteropServices;

namespace StreamForecaster.Worker.Publishing.Disk;

/// <summary>Makes created, renamed and deleted names durable: a file's own fsync does not cover the entry in its folder.</summary>
static partial class DurableFolder
{
    const int ReadOnly = 0;

    /// <summary>Fsyncs a folder; does nothing where that has no meaning (Windows).</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"cannot open folder {folder}: errno {Marshal.GetLastPInvokeError()}");
        }

        int result = Fsync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (result != 0)
        {
            throw new IOException($"cannot fsync folder {folder}: errno {error}", error);
        }
    }

    /// <summary>Replaces a file's content so that a crash leaves either the old or the new.</summary>
    /// <exception cref="IOException">The disk refused; the old content stays.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, DiskWrite write)
    {
        string fresh = path + ".new";
        using (var file = File.OpenHandle(fresh, FileMode.Create, FileAccess.Write))
        {
            write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(fresh, path, overwrite: true);
        Sync(Path.GetDirectoryName(path)!);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
