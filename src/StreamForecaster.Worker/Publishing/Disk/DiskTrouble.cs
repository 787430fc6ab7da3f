namespace StreamForecaster.Worker.Publishing.Disk;

/// <summary>Says in one line why a disk does not take what is written to it.</summary>
static class DiskTrouble
{
    // ERROR_DISK_FULL as an HRESULT: .NET gives this for ENOSPC where it preallocates, and the raw errno elsewhere.
    const int DiskFull = unchecked((int)0x80070070);
    const int NoSpace = 28;
    const int QuotaExceeded = 122;

    /// <summary>True for what a disk answers in trouble; all else is a mistake in the program.</summary>
    public static bool Is(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>One line: the path and what is wrong with it.</summary>
    public static string Describe(Exception error, string path) => error.HResult switch
    {
        DiskFull or NoSpace => $"disk full: {path}",
        QuotaExceeded => $"disk quota exceeded: {path}",
        _ => $"cannot write {path}: {error.Message}",
    };
}
