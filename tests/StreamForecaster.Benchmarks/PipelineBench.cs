using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using StreamForecaster.Grouping;
using StreamForecaster.Learning;
using StreamForecaster.Worker;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// <c>pipeline</c>: the whole daemon from the broker to a file sink, 10,000 series, every point closing a step that is scored, forecast
/// by a trained model and published. The broker is a process of its own, filled beforehand.
/// </summary>
static class PipelineBench
{
    const int SeriesCount = 10_000;
    const int Steps = 100;

    // About a tenth of what two cores can do: what is measured is latency, not backlog.
    const string Rate = "16000";

    // Series are ready at 30 steps; an encoding for every four closed steps has reached all of them well before this.
    const int WarmSteps = 70;

    internal static async Task<int> RunAsync(string[] args)
    {
        bool isFull = args.SkipWhile(static a => a != "--profile").ElementAtOrDefault(1) == "full";
        string? json = args.SkipWhile(static a => a != "--json").ElementAtOrDefault(1);
        string folder = Directory.CreateTempSubdirectory("streamforecaster-bench").FullName;
        try
        {
            using BrokerProcess broker = BrokerProcess.Start(SeriesCount, Steps);
            Console.WriteLine($"{broker.Records} records of about 200 bytes, {SeriesCount} series");
            (double consumeOnly, _) = ConsumeBench.MeasureLoop(broker.BootstrapServers, MetricTopic.Name, broker.Records);
            Settings settings = MakeSettings(broker.BootstrapServers, folder, isFull);
            BenchModel.Store(settings);
            PipelineFigures figures = (await MeasureAsync(settings, broker.Records)) with
            {
                Profile = isFull ? "full" : "lean",
                ConsumeOnlyPerSecond = consumeOnly,
            };
            int rate = int.Parse(args.SkipWhile(static a => a != "--rate").ElementAtOrDefault(1) ?? Rate, CultureInfo.InvariantCulture);
            (LatencyFigures off, LatencyFigures on) = await MeasureLatencyAsync(settings, rate, folder);
            figures = figures with
            {
                LatencyRate = rate,
                LatencyTrainingOff = off,
                LatencyTrainingOn = on,
            };
            Print(figures);
            if (json is not null)
            {
                await File.WriteAllTextAsync(json, JsonSerializer.Serialize(figures, FiguresJson));
            }

            return figures.RecordsLost + figures.MissingLines + figures.LatencyTrainingOff.Missing + figures.LatencyTrainingOn.Missing == 0 ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static readonly JsonSerializerOptions FiguresJson = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    static Settings MakeSettings(string brokers, string folder, bool isFull) => new()
    {
        Kafka = new() { BootstrapServers = brokers, Topics = [MetricTopic.Name], GroupId = "pipeline", Start = "earliest" },
        Align = new() { Step = TimeSpan.FromSeconds(1) },
        Forecast = new() { Profile = isFull ? SeriesProfile.Full : SeriesProfile.Lean },
        Score = new() { Profile = isFull ? SeriesProfile.Full : SeriesProfile.Lean },
        Learn = new() { Training = TrainingMode.Off },
        State = new() { Directory = Path.Combine(folder, "state") },
        Http = new() { Listen = "" },
        Sinks = new()
        {
            Files = [new FileSinkOptions { Name = "bench", Directory = Path.Combine(folder, "results") }],
            DeadLetters = new() { Directory = Path.Combine(folder, "dead") },
        },
    };

    static async Task<(LatencyFigures Off, LatencyFigures On)> MeasureLatencyAsync(Settings settings, int rate, string folder)
    {
        List<LatencyFigures> runs = [];
        foreach (bool isTraining in new[] { false, true })
        {
            string own = Path.Combine(folder, isTraining ? "training" : "still");
            Settings run = MakeSettings(brokers: "", own, settings.Forecast.Profile == SeriesProfile.Full);
            BenchModel.Store(run);
            runs.Add(await LatencyBench.MeasureAsync(run, isTraining, rate));
        }

        return (runs[0], runs[1]);
    }

    static async Task<PipelineFigures> MeasureAsync(Settings settings, int records)
    {
        using CancellationTokenSource stop = new();
        await using Daemon daemon = new(
            settings,
            loggers => new KafkaSource(settings.Kafka, TimeProvider.System, loggers.CreateLogger<KafkaSource>()),
            static logging => logging.SetMinimumLevel(LogLevel.Error));
        Task<int> running = daemon.RunAsync(started: null, stop.Token);
        Snapshot start = await UntilAsync(daemon, (long)SeriesCount * WarmSteps);
        Snapshot end = await UntilAsync(daemon, records);
        long resident = Process.GetCurrentProcess().WorkingSet64;
        await stop.CancelAsync();
        await running;
        long written = daemon.Sinks.Sum(static sink => sink.LinesWritten);
        Snapshot last = Snapshot.Of(daemon);
        double seconds = Stopwatch.GetElapsedTime(start.At, end.At).TotalSeconds;
        double points = end.Points - start.Points;
        return new()
        {
            PointsPerSecond = points / seconds,
            ForecastsPerSecond = (end.Forecasts - start.Forecasts) / seconds,
            GruShare = (double)(end.ModelForecasts - start.ModelForecasts) / (end.Forecasts - start.Forecasts),
            ResultLinesPerPoint = (end.Lines - start.Lines) / points,
            RecordsLost = records - last.Records,
            MissingLines = last.Lines - written,
            CpuMicrosecondsPerPoint = (end.Cpu - start.Cpu).TotalMicroseconds / points,
            ResidentMb = resident / 1048576.0,
            AllocatedBytesPerPoint = (end.LaneBytes - start.LaneBytes) / points,
            AllocatedTotalPerPoint = (end.AllBytes - start.AllBytes) / points,
        };
    }

    static async Task<Snapshot> UntilAsync(Daemon daemon, long points)
    {
        while (true)
        {
            Snapshot now = Snapshot.Of(daemon);
            if (now.Points >= points)
            {
                return now;
            }

            await Task.Delay(20);
        }
    }

    static void Print(PipelineFigures f) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"""
        profile {f.Profile}: {f.PointsPerSecond:F0} points/s, {f.ForecastsPerSecond:F0} forecasts/s ({f.GruShare:P1} with the trained model), {f.ResultLinesPerPoint:F2} lines a point, {f.CpuMicrosecondsPerPoint:F2} µs of CPU a point
        consume only {f.ConsumeOnlyPerSecond:F0} records/s; {f.RecordsLost} records lost, {f.MissingLines} lines missing
        {f.LatencyRate} records/s, from a record's writing to the acknowledgement of all that it caused: training off p50 {f.LatencyTrainingOff.MedianMs:F0} ms, p99 {f.LatencyTrainingOff.P99Ms:F0} ms; training without a pause p50 {f.LatencyTrainingOn.MedianMs:F0} ms, p99 {f.LatencyTrainingOn.P99Ms:F0} ms, {f.LatencyTrainingOn.TrainingShare:P1} of one core
        {f.ResidentMb:F0} MB resident; {f.AllocatedBytesPerPoint:F2} bytes a point allocated in the lanes, {f.AllocatedTotalPerPoint:F0} in all
        """));

    readonly record struct Snapshot(
        long At, long Records, long Points, long Forecasts, long ModelForecasts, long Lines, long LaneBytes, long AllBytes, TimeSpan Cpu)
    {
        public static Snapshot Of(Daemon daemon)
        {
            LaneCounters[] all = [.. daemon.Lanes.Hosts.Select(static host => host.Lane.Counters).Concat(daemon.Lanes.Closed)];
            return new(
                Stopwatch.GetTimestamp(), all.Sum(static c => c.Records), all.Sum(static c => c.Points), all.Sum(static c => c.Forecasts),
                all.Sum(static c => c.ModelForecasts), all.Sum(static c => c.Lines), all.Sum(static c => c.AllocatedBytes),
                GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime);
        }
    }
}

/// <summary>What <c>bench.sh pipeline</c> measures; the names are those of its JSON.</summary>
sealed record PipelineFigures
{
    public string Profile { get; init; } = "";

    public double PointsPerSecond { get; init; }

    public double ForecastsPerSecond { get; init; }

    public double GruShare { get; init; }

    public double ResultLinesPerPoint { get; init; }

    public long RecordsLost { get; init; }

    public long MissingLines { get; init; }

    public int LatencyRate { get; init; }

    public LatencyFigures LatencyTrainingOff { get; init; } = new(0, 0, 0, 0);

    public LatencyFigures LatencyTrainingOn { get; init; } = new(0, 0, 0, 0);

    public double ConsumeOnlyPerSecond { get; init; }

    public double CpuMicrosecondsPerPoint { get; init; }

    public double ResidentMb { get; init; }

    public double AllocatedBytesPerPoint { get; init; }

    public double AllocatedTotalPerPoint { get; init; }
}
