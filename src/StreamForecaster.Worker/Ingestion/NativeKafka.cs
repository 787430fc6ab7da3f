using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>
/// The native Kafka library (librdkafka) that Confluent.Kafka calls: found once, checked for its version, and answered to every
/// import of it. Taken is the first that is new enough of: the path in <c>STREAMFORECASTER_LIBRDKAFKA</c>, the one that came with
/// the package, the one that <c>build/native-kafka</c> keeps in the user's cache, the system's.
/// </summary>
public static partial class NativeKafka
{
    /// <summary>The name that imports use.</summary>
    internal const string LibraryName = "librdkafka";

    const string PathVariable = "STREAMFORECASTER_LIBRDKAFKA";

    // Consume calls rd_kafka_topic_partition_get_leader_epoch, new in 2.1.0. One byte each: major, minor, revision, pre-release.
    const int OldestVersion = 0x020100;

    static readonly Lazy<nint> Loaded = new(FindAndResolve);

    /// <summary>The library's version, such as <c>2.8.0</c>.</summary>
    /// <exception cref="InvalidOperationException">As for <see cref="EnsureLoaded"/>.</exception>
    public static string Version => Text(VersionOf(Loaded.Value));

    /// <summary>Loads the library, or says in one line what was found and how to get a right one. Call it before the first use of
    /// Confluent.Kafka; later calls do nothing.</summary>
    /// <exception cref="InvalidOperationException">No library that is new enough.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    /// <summary>Loads the first of the candidates (paths, or names for the system's search) that is new enough.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    internal static nint Find(IEnumerable<string> candidates)
    {
        List<string> refused = [];
        foreach (string candidate in candidates)
        {
            if (!NativeLibrary.TryLoad(candidate, typeof(Library).Assembly, searchPath: null, out nint handle))
            {
                continue;
            }

            if (VersionOf(handle) >= OldestVersion)
            {
                return handle;
            }

            refused.Add($"{candidate} is version {Text(VersionOf(handle))}");
            NativeLibrary.Free(handle);
        }

        throw new InvalidOperationException(
            $"The native Kafka library (librdkafka {Text(OldestVersion)} or newer) is missing: "
            + (refused.Count == 0 ? "none was found" : string.Join(", ", refused))
            + $". Run build/native-kafka, which fetches or builds it, or set {PathVariable} to the path of one.");
    }

    static nint FindAndResolve()
    {
        nint found = Find(Candidates());
        NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, Resolve);
        NativeLibrary.SetDllImportResolver(typeof(NativeKafka).Assembly, Resolve);
        return found;
    }

    static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path)
        {
            yield return path;
        }

        yield return LibraryName;
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        yield return Path.Combine(cache, "streamforecaster", LibraryName, "librdkafka.so.1");
        yield return "librdkafka.so.1";
    }

    // Confluent.Kafka tries several names for several systems; all of them mean the one that was found.
    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name.Contains(LibraryName, StringComparison.Ordinal) ? Loaded.Value : 0;

    static unsafe int VersionOf(nint handle) =>
        NativeLibrary.TryGetExport(handle, "rd_kafka_version", out nint function)
            ? ((delegate* unmanaged[Cdecl]<int>)function)() >> 8
            : 0;

    static string Text(int version) => $"{version >> 16}.{(version >> 8) & 0xff}.{version & 0xff}";
}
