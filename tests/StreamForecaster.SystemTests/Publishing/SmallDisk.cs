using System.Diagnostics;

namespace StreamForecaster.SystemTests.Publishing;

/// <summary>A real file system of one megabyte in memory, where this process may mount one.</summary>
sealed class SmallDisk : IDisposable
{
    public SmallDisk()
    {
        Path = Directory.CreateTempSubdirectory("streamforecaster-disk-").FullName;
        Mounted = Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", Path);
    }

    public string Path { get; }

    public bool Mounted { get; }

    /// <summary>Makes room.</summary>
    public void Grow() => Assert.True(Run("mount", "-o", "remount,size=64m", Path));

    public void Dispose()
    {
        if (Mounted)
        {
            Run("umount", Path);
        }

        Directory.Delete(Path, recursive: true);
    }

    static bool Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { UseShellExecute = false, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
