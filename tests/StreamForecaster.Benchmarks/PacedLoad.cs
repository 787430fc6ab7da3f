using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// The built-in broker with a producer that writes at a steady pace, in a process of its own. The stream's time goes five times as fast as the
/// clock, so that series are warm soon. Record n is written in tick n / <see cref="RecordsPerTick"/>, to partition n modulo <see cref="Partitions"/>.
/// </summary>
sealed class PacedLoad : IDisposable
{
    /// <summary>The word that makes this executable such a process.</summary>
    internal const string Word = "paced-load";

    /// <summary>Partitions of the topic.</summary>
    internal const int Partitions = 8;

    /// <summary>Steps of the stream in a second of the clock.</summary>
    internal const int StepsPerSecond = 5;

    const int TicksPerSecond = 100;

    readonly Process _process;

    PacedLoad(Process process, string brokers, int perSecond) => (_process, BootstrapServers, RecordsPerTick) = (process, brokers, PerTick(perSecond));

    /// <summary>The broker's address.</summary>
    internal string BootstrapServers { get; }

    /// <summary>Records of a tick, a multiple of <see cref="Partitions"/>.</summary>
    internal int RecordsPerTick { get; }

    /// <summary>Starts one; it writes nothing yet.</summary>
    internal static PacedLoad Start(int perSecond)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [Word, perSecond.ToString(CultureInfo.InvariantCulture)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        Process process = Process.Start(start)!;
        return new(process, process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the load's process said nothing"), perSecond);
    }

    /// <summary>Lets it write for so long.</summary>
    /// <returns>When each tick began, in ticks of the machine's steady clock.</returns>
    internal async Task<long[]> RunAsync(int seconds)
    {
        await _process.StandardInput.WriteLineAsync((seconds * TicksPerSecond).ToString(CultureInfo.InvariantCulture));
        string times = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the load's process ended");
        return [.. times.Split(' ').Select(static time => long.Parse(time, CultureInfo.InvariantCulture))];
    }

    /// <summary>The process: a broker, a topic, and as many ticks as its input says.</summary>
    internal static int Serve(int perSecond)
    {
        int perTick = PerTick(perSecond);
        using EmbeddedBroker broker = new();
        broker.CreateTopic(MetricTopic.Name, Partitions);
        Console.WriteLine(broker.BootstrapServers);
        long[] times = new long[int.Parse(Console.ReadLine()!, CultureInfo.InvariantCulture)];
        using IProducer<Null, byte[]> producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            LingerMs = 1,
            QueueBufferingMaxMessages = 1_000_000,
        }).Build();
        using ManualResetEventSlim never = new();
        int series = perTick * TicksPerSecond / StepsPerSecond;
        long start = Stopwatch.GetTimestamp();
        for (int tick = 0; tick < times.Length; tick++)
        {
            TimeSpan early = TimeSpan.FromSeconds((double)tick / TicksPerSecond) - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
            {
                never.Wait(early);
            }

            times[tick] = Stopwatch.GetTimestamp();
            for (long n = (long)tick * perTick; n < ((long)tick + 1) * perTick; n++)
            {
                long second = MetricTopic.FirstSecond + (n / series);
                producer.Produce(new TopicPartition(MetricTopic.Name, (int)(n % Partitions)), new()
                {
                    Value = MetricTopic.Payload((int)(n % series), second),
                    Timestamp = new(second * 1000, TimestampType.CreateTime),
                });
            }
        }

        producer.Flush(TimeSpan.FromSeconds(60));
        Console.WriteLine(string.Join(' ', times));
        Console.ReadLine();
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    static int PerTick(int perSecond) => Math.Max(1, perSecond / TicksPerSecond / Partitions) * Partitions;
}
