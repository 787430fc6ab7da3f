using System.Globalization;
using System.Text;
using Confluent.Kafka;
using StreamForecaster.State;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>
/// Telegraf records of many series with times of their own, a pure function of (seed, step, series): a season of eight steps with
/// noise, and levels that shift for a while, so that there is something to learn and something to mark. The series of a partition share
/// a rack, and are scored together by it.
/// </summary>
sealed class SeededStream(ulong seed, string topic, int partitions, int series, int groups)
{
    /// <summary>Event time between two steps.</summary>
    internal const int StepSeconds = 10;

    const long FirstSecond = 1_700_000_000;
    const int Season = 8;
    const int ShiftSteps = 24;
    const int QuietSteps = 48;

    /// <summary>Steps made so far.</summary>
    internal int Steps { get; private set; }

    /// <summary>Records made so far.</summary>
    internal long Records => (long)Steps * series;

    /// <summary>Writes the next step of every series.</summary>
    internal void Produce(IProducer<byte[], byte[]> producer)
    {
        long second = FirstSecond + ((long)Steps * StepSeconds);
        for (int i = 0; i < series; i++)
        {
            Message<byte[], byte[]> message = new()
            {
                Key = Encoding.UTF8.GetBytes($"h{i}"),
                Value = Encoding.UTF8.GetBytes(Payload(i, second)),
                Timestamp = new(second * 1000, TimestampType.CreateTime),
            };
            while (!TryProduce(producer, i % partitions, message))
            {
                producer.Poll(TimeSpan.FromMilliseconds(20));
            }
        }

        Steps++;
    }

    string Payload(int i, long second) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"fields":{"value":{{Value(i, Steps):F4}}},"name":"g{{i % groups}}","tags":{"host":"h{{i}}","rack":"r{{i % partitions}}"},"timestamp":{{second}}}""");

    // One series in a few starts its day with a level that it leaves again.
    double Value(int i, int step)
    {
        ulong noise = KeyHash.With(KeyHash.With(seed, i), step);
        double unit = (noise >> 11) * (1.0 / (1UL << 53));
        long period = (step + (int)(KeyHash.With(seed, ~i) % QuietSteps)) / QuietSteps;
        ulong choice = KeyHash.With(KeyHash.With(seed + 1, i), period);
        int phase = (step + (int)(KeyHash.With(seed, ~i) % QuietSteps)) % QuietSteps;
        double shift = choice % 4 == 0 && phase < ShiftSteps && step > QuietSteps ? 80 : 0;
        return (i % 50) + (10 * Math.Sin(2 * Math.PI * (step + (i % Season)) / Season)) + unit + shift;
    }

    bool TryProduce(IProducer<byte[], byte[]> producer, int partition, Message<byte[], byte[]> message)
    {
        try
        {
            producer.Produce(new TopicPartition(topic, partition), message);
            return true;
        }
        catch (ProduceException<byte[], byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false;
        }
    }
}
