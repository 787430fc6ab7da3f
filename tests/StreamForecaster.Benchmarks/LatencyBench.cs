using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using StreamForecaster.Learning;
using StreamForecaster.Worker;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.Benchmarks;

/// <summary>How long from the moment a record is written to the broker until the sinks have acknowledged all that it caused, at a steady pace far
/// below the most that the daemon can do.</summary>
static class LatencyBench
{
    const int WarmSeconds = 25;
    const int MeasuredSeconds = 30;

    /// <summary>Measures one run.</summary>
    /// <param name="settings">The daemon's settings; the broker is filled in.</param>
    /// <param name="isTraining">Whether the trainer trains, without a pause, or not at all.</param>
    /// <param name="perSecond">Records a second.</param>
    internal static async Task<LatencyFigures> MeasureAsync(Settings settings, bool isTraining, int perSecond)
    {
        using PacedLoad load = PacedLoad.Start(perSecond);
        settings = settings with
        {
            Kafka = settings.Kafka with { BootstrapServers = load.BootstrapServers },
            Learn = isTraining
                ? settings.Learn with { Training = TrainingMode.Background, FirstIntervalSteps = 1, PeriodSteps = 1, PeriodGrowth = 0 }
                : settings.Learn with { Training = TrainingMode.Off },
        };
        using TrainingClock training = new();
        using CancellationTokenSource stop = new();
        await using Daemon daemon = new(
            settings,
            loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()),
            static logging => logging.SetMinimumLevel(LogLevel.Error));
        Task<int> running = daemon.RunAsync(started: null, stop.Token);
        while (daemon.Lanes.Hosts.Count < PacedLoad.Partitions)
        {
            await Task.Delay(20);
        }

        Task<long[]> loading = load.RunAsync(WarmSeconds + MeasuredSeconds);
        Acknowledgements seen = new(daemon);
        (TimeSpan Cpu, long At)? from = null;
        while (!loading.IsCompleted)
        {
            seen.Look();
            from ??= seen.Elapsed > TimeSpan.FromSeconds(WarmSeconds) ? (training.Cpu, Stopwatch.GetTimestamp()) : null;
            await Task.Delay(1);
        }

        TimeSpan cpu = training.Cpu - from!.Value.Cpu;
        double share = cpu / Stopwatch.GetElapsedTime(from.Value.At);
        long[] ticks = await loading;
        long records = (long)ticks.Length * load.RecordsPerTick;
        while (seen.Acknowledged < records && seen.Elapsed < TimeSpan.FromMinutes(5))
        {
            seen.Look();
            await Task.Delay(1);
        }

        await stop.CancelAsync();
        await running;
        double[] waits = seen.Waits(ticks, load.RecordsPerTick, firstTick: ticks.Length * WarmSeconds / (WarmSeconds + MeasuredSeconds));
        return new(waits[waits.Length / 2], waits[waits.Length * 99 / 100], share, records - seen.Acknowledged);
    }

    /// <summary>The lanes' acknowledged offsets over time, looked at every millisecond or so.</summary>
    sealed class Acknowledgements(Daemon daemon)
    {
        readonly long _start = Stopwatch.GetTimestamp();
        readonly List<(long At, long Offset)>[] _of = [.. Enumerable.Range(0, PacedLoad.Partitions).Select(static _ => new List<(long, long)>())];

        internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

        internal long Acknowledged => _of.Sum(static one => one.Count == 0 ? 0 : one[^1].Offset);

        internal void Look()
        {
            foreach (LaneHost host in daemon.Lanes.Hosts)
            {
                List<(long At, long Offset)> one = _of[host.Lane.Id.Partition];
                long offset = host.Committable;
                if (offset > 0 && (one.Count == 0 || offset > one[^1].Offset))
                {
                    one.Add((Stopwatch.GetTimestamp(), offset));
                }
            }
        }

        // Of every record written from a tick on, in milliseconds, ascending.
        internal double[] Waits(long[] ticks, int perTick, int firstTick)
        {
            int perPartition = perTick / PacedLoad.Partitions;
            List<double> waits = [];
            foreach (List<(long At, long Offset)> one in _of)
            {
                long before = 0;
                foreach ((long at, long offset) in one)
                {
                    for (long n = Math.Max(before, (long)firstTick * perPartition); n < offset; n++)
                    {
                        waits.Add(Stopwatch.GetElapsedTime(ticks[n / perPartition], at).TotalMilliseconds);
                    }

                    before = offset;
                }
            }

            waits.Sort();
            return [.. waits];
        }
    }

    /// <summary>The trainer's CPU time, by its own counter.</summary>
    sealed class TrainingClock : IDisposable
    {
        readonly MeterListener _listener = new();
        double _seconds;

        internal TrainingClock()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (string.Equals(instrument.Name, "streamforecaster.training_cpu", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => Volatile.Write(ref _seconds, _seconds + seconds));
            _listener.Start();
        }

        internal TimeSpan Cpu => TimeSpan.FromSeconds(Volatile.Read(ref _seconds));

        public void Dispose() => _listener.Dispose();
    }
}

/// <summary>What a run of <see cref="LatencyBench"/> gave.</summary>
/// <param name="MedianMs">Half of the records were answered within this.</param>
/// <param name="P99Ms">All but one in a hundred were.</param>
/// <param name="TrainingShare">Of one core.</param>
/// <param name="Missing">Records not acknowledged.</param>
sealed record LatencyFigures(double MedianMs, double P99Ms, double TrainingShare, long Missing);
