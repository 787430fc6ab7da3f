using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Benchmarks;

/// <summary><c>consume</c>: how fast records come out of Kafka, by a loop that does nothing else, and through the source's batches.</summary>
static class ConsumeBench
{
    internal static int Run()
    {
        using MetricTopic topic = new(series: 10_000, steps: 16);
        Console.WriteLine($"{topic.Records} records in {topic.Partitions} partitions");
        Print("bare loop", MeasureLoop(topic.BootstrapServers, MetricTopic.Name, topic.Records));
        Print("source", MeasureSource(topic));
        return 0;
    }

    /// <summary>Records per second, and bytes allocated per record, of a loop that only consumes.</summary>
    internal static (double PerSecond, double AllocatedBytes) MeasureLoop(string brokers, string topic, int records)
    {
        NativeKafka.EnsureLoaded();
        using IConsumer<Ignore, byte[]> consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = brokers,
            GroupId = "consume-only",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        }).Build();
        consumer.Subscribe(topic);
        consumer.Consume();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        for (int i = 1; i < records; i++)
        {
            consumer.Consume();
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        consumer.Close();
        return (records / seconds, bytes / records);
    }

    static (double PerSecond, double AllocatedBytes) MeasureSource(MetricTopic topic)
    {
        using CancellationTokenSource stop = new();
        CountingLanes lanes = new(topic.Records, stop);
        using KafkaSource source = new(
            new() { BootstrapServers = topic.BootstrapServers, Topics = [MetricTopic.Name], GroupId = "source", Start = "earliest" },
            TimeProvider.System,
            NullLogger<KafkaSource>.Instance);
        source.Run(lanes, stop.Token);
        return (topic.Records / lanes.Seconds, lanes.AllocatedBytes / topic.Records);
    }

    static void Print(string what, (double PerSecond, double AllocatedBytes) measured) =>
        Console.WriteLine($"{what,-10} {measured.PerSecond,10:F0} records/s {measured.AllocatedBytes,8:F0} bytes allocated per record");

    // Takes everything and gives the batches back at once.
    sealed class CountingLanes(int records, CancellationTokenSource stop) : ILanes
    {
        readonly Stack<RecordBatch> _pool = [];
        long _start;
        long _allocated;
        int _count;

        internal double Seconds { get; private set; }

        internal double AllocatedBytes { get; private set; }

        public long Open(LaneId lane, PartitionStart start) => start.From;

        public bool HasRoom(LaneId lane) => true;

        public string? Obstacle(LaneId lane) => null;

        public bool BeforeCommit(IReadOnlyList<KeyValuePair<LaneId, long>> offsets) => true;

        public void Committed(LaneId lane, long offset)
        {
        }

        public RecordBatch Rent() => _pool.TryPop(out RecordBatch? batch) ? batch : new();

        public void Deliver(LaneId lane, RecordBatch batch)
        {
            if (_count == 0)
            {
                _start = Stopwatch.GetTimestamp();
                _allocated = GC.GetAllocatedBytesForCurrentThread();
            }

            _count += batch.Count;
            batch.Clear();
            _pool.Push(batch);
            if (_count == records)
            {
                Seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
                AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - _allocated;
                stop.Cancel();
            }
        }

        public void Idle(LaneId lane, DateTimeOffset now)
        {
        }

        public void EndOfInput(LaneId lane)
        {
        }

        public long Committable(LaneId lane) => -1;

        public long Close(LaneId lane, bool lost) => -1;
    }
}
