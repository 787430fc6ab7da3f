using System.Runtime.InteropServices;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>What tests make go wrong.</summary>
public sealed partial class EmbeddedBroker
{
    /// <summary>Answers the next requests of a kind with these errors, 0 being none, one after the other.</summary>
    /// <param name="api">The protocol's number of the request: 0 produce, 1 fetch, 8 offset commit, 12 heartbeat …</param>
    /// <param name="errors">The protocol's numbers of the errors.</param>
    public unsafe void FailRequests(short api, ReadOnlySpan<int> errors)
    {
        ObjectDisposedException.ThrowIf(_cluster == 0, this);
        fixed (int* first = errors)
        {
            Native.PushRequestErrors(_cluster, api, (nuint)errors.Length, first);
        }
    }

    /// <summary>Answers the requests of a kind again: errors that none of them has met are taken back.</summary>
    public void FailNoMore(short api)
    {
        ObjectDisposedException.ThrowIf(_cluster == 0, this);
        Native.ClearRequestErrors(_cluster, api);
    }

    /// <summary>Every answer of a broker takes so long.</summary>
    public void SetRoundTrip(TimeSpan time, int broker)
    {
        ObjectDisposedException.ThrowIf(_cluster == 0, this);
        _ = Native.BrokerSetRtt(_cluster, broker, (int)time.TotalMilliseconds);
    }

    /// <summary>Another broker leads a partition.</summary>
    public void MoveLeader(string topic, int partition, int broker)
    {
        ObjectDisposedException.ThrowIf(_cluster == 0, this);
        _ = Native.PartitionSetLeader(_cluster, topic, partition, broker);
    }

    /// <summary>Another broker coordinates a consumer group.</summary>
    public void MoveCoordinator(string group, int broker)
    {
        ObjectDisposedException.ThrowIf(_cluster == 0, this);
        _ = Native.CoordinatorSet(_cluster, "group", group, broker);
    }

    static unsafe partial class Native
    {
        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
        internal static partial void PushRequestErrors(nint cluster, short api, nuint count, int* errors);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_clear_request_errors")]
        internal static partial void ClearRequestErrors(nint cluster, short api);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
        internal static partial int BrokerSetRtt(nint cluster, int broker, int milliseconds);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int PartitionSetLeader(nint cluster, string topic, int partition, int broker);

        [LibraryImport(NativeKafka.LibraryName, EntryPoint = "rd_kafka_mock_coordinator_set", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int CoordinatorSet(nint cluster, string keyType, string key, int broker);
    }
}
