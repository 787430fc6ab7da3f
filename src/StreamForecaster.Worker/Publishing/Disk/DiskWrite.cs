using Microsoft.Win32.SafeHandles;

namespace StreamForecaster.Worker.Publishing.Disk;

/// <summary>Writes all bytes at a position of a file. The one way in which sinks write, so that tests can fill the disk.</summary>
/// <exception cref="IOException">Not all bytes could be written.</exception>
delegate void DiskWrite(SafeFileHandle file, ReadOnlySpan<byte> bytes, long position);
