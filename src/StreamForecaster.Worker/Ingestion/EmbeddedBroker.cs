using System.Runtime.InteropServices;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>
/// librdkafka's built-in broker: a real Kafka protocol on loopback, inside this process. It keeps about 5 MiB per partition, in memory;
/// topics that are not created here appear by themselves with 4 partitions. For the demo and for tests.
/// </summary>
public sealed partial class EmbeddedBroker : IDisposable
{
    const int Producer = 0;

    // Long enough for the members of a test to join together, short enough not to be noticed; a real broker waits 3 s.
    const int InitialRebalanceDelayMs = 100;

    nint _client;
    nint _cluster;

    /// <summary>Starts it on ports that are free.</summary>
    /// <exception cref="InvalidOperationException">The native library is missing or refuses.</exception>
    public unsafe EmbeddedBroker(int brokers = 1)
    {
        NativeKafka.EnsureLoaded();
        byte* error = stackalloc byte[512];
        nint settings = Native.ConfNew();

        // Only serious errors: the broker's own client warns that it knows no other broker.
        _ = Native.ConfSet(settings, "log_level", "3", error, 512);
        _client = Native.New(Producer, settings, error, 512);
        if (_client == 0)
        {
            throw new InvalidOperationException($"The embedded broker did not start: {Marshal.PtrToStringUTF8((nint)error)}");
        }

        _cluster = Native.ClusterNew(_client, brokers);
        if (_cluster == 0)
        {
            Native.Destroy(_client);
            throw new InvalidOperationException("The embedded broker did not start: no port on 127.0.0.1 could be opened.");
        }

        Native.GroupInitialRebalanceDelayMs(_cluster, InitialRebalanceDelayMs);
        BootstrapServers = Marshal.PtrToStringUTF8(Native.Bootstraps(_cluster))!;
    }

    /// <summary>The addresses, <c>127.0.0.1:port</c>, separated by commas.</summary>
    public string BootstrapServers { get; }

    /// <summary>Creates a topic.</summary>
    public void CreateTopic(string name, int partitions)
    {
        ObjectDisposedException.ThrowIf(_cluster == 0, this);
        int error = Native.TopicCreate(_cluster, name, partitions, replication: 1);
        if (error != 0)
        {
            throw new InvalidOperationException(
                $"The embedded broker did not create the topic '{name}' with {partitions} partitions (error {error}).");
        }
    }

    /// <summary>Takes a broker away (connections are closed and refused), or brings it back.</summary>
    public void SetUp(bool up, int broker = 1)
    {
        ObjectDisposedException.ThrowIf(_cluster == 0, this);
        _ = up ? Native.BrokerSetUp(_cluster, broker) : Native.BrokerSetDown(_cluster, broker);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_cluster != 0)
        {
            Native.ClusterDestroy(_cluster);
            Native.Destroy(_client);
            _cluster = _client = 0;
        }
    }

    static unsafe partial class Native
    {
        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_conf_new")]
        internal static partial nint ConfNew();

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int ConfSet(nint settings, string name, string value, byte* error, nint errorSize);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_new")]
        internal static partial nint New(int type, nint conf, byte* error, nint errorSize);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_destroy")]
        internal static partial void Destroy(nint client);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_cluster_new")]
        internal static partial nint ClusterNew(nint client, int brokers);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_cluster_destroy")]
        internal static partial void ClusterDestroy(nint cluster);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
        internal static partial nint Bootstraps(nint cluster);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int TopicCreate(nint cluster, string name, int partitions, int replication);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
        internal static partial void GroupInitialRebalanceDelayMs(nint cluster, int delayMs);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_broker_set_down")]
        internal static partial int BrokerSetDown(nint cluster, int broker);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_broker_set_up")]
        internal static partial int BrokerSetUp(nint cluster, int broker);
    }
}
