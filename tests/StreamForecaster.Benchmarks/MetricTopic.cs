using System.Globalization;
using System.Text;
using Confluent.Kafka;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Benchmarks;

/// <summary>A topic of the built-in broker filled with Telegraf JSON of about 200 bytes: every series once per second, spread over as many
/// partitions as the broker's 5 MiB for each need.</summary>
sealed class MetricTopic : IDisposable
{
    // Under 5 MiB with keys and headers at 240 bytes a record.
    const int RecordsPerPartition = 16_000;

    readonly EmbeddedBroker _broker = new();

    /// <summary>Fills it.</summary>
    /// <param name="series">How many series.</param>
    /// <param name="steps">How many seconds of each.</param>
    internal MetricTopic(int series, int steps)
    {
        Records = series * steps;
        Partitions = Math.Max(2, (Records + RecordsPerPartition - 1) / RecordsPerPartition);
        _broker.CreateTopic(Name, Partitions);
        using IProducer<Null, byte[]> producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = BootstrapServers,
            LingerMs = 20,
            QueueBufferingMaxMessages = 1_000_000,
        }).Build();
        for (int step = 0; step < steps; step++)
        {
            for (int i = 0; i < series; i++)
            {
                long second = FirstSecond + step;
                producer.Produce(new TopicPartition(Name, i % Partitions), new()
                {
                    Value = Payload(i, second),
                    Timestamp = new(second * 1000, TimestampType.CreateTime),
                });
            }

            producer.Flush(TimeSpan.FromSeconds(60));
        }
    }

    /// <summary>The topic.</summary>
    internal const string Name = "metrics";

    /// <summary>Where its time begins.</summary>
    internal const long FirstSecond = 1_700_000_000;

    /// <summary>The broker's address.</summary>
    internal string BootstrapServers => _broker.BootstrapServers;

    /// <summary>How many records it holds.</summary>
    internal int Records { get; }

    /// <summary>Over how many partitions.</summary>
    internal int Partitions { get; }

    /// <inheritdoc/>
    public void Dispose() => _broker.Dispose();

    /// <summary>A wave of its own phase for each series, with a little noise made from both numbers.</summary>
    internal static byte[] Payload(int series, long second)
    {
        uint noise = ((uint)series * 2_654_435_761) ^ ((uint)second * 2_246_822_519);
        double value = 50 + (20 * Math.Sin((second * 0.3) + series)) + ((noise >> 16) / 65_536.0);
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"fields":{"usage_user":{{value:F3}}},"name":"cpu","tags":{"cpu":"cpu{{series % 16}}","host":"server-{{series / 16:D5}}.rack-{{series % 40}}.example.test","region":"eu-west","role":"web"},"timestamp":{{second}}}"""));
    }
}
