using Confluent.Kafka;
using StreamForecaster.SystemTests.Brokers;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Writes a seeded stream at a pace, up to a step that moves on.</summary>
sealed class Producing(KafkaBroker kafka, SeededStream stream, TimeSpan stepEvery)
{
    int _upTo;

    /// <summary>Steps written.</summary>
    internal int Written => Volatile.Read(ref _written);

    /// <summary>Lets it go on to so many steps.</summary>
    internal void UpTo(int steps) => Volatile.Write(ref _upTo, steps);

    /// <summary>Completes when so many steps have been written and are safe.</summary>
    internal Task ReachedAsync(int steps) => Wait.UntilAsync(() => Volatile.Read(ref _written) >= steps, () => $"{_written} of {steps} steps written");

    internal async Task RunAsync(CancellationToken end)
    {
        await Task.Yield();

        // The built-in broker may lose an answer that waits while its round trip changes.
        using IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = kafka.BootstrapServers, LingerMs = 5, EnableIdempotence = true, SocketTimeoutMs = 5000 }).Build();
        while (!end.IsCancellationRequested)
        {
            if (stream.Steps < Volatile.Read(ref _upTo))
            {
                stream.Produce(producer);
                producer.Flush(end);
                Volatile.Write(ref _written, stream.Steps);
            }

            await Task.Delay(stepEvery, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    int _written;
}
