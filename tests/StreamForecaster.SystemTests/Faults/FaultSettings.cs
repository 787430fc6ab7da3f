using StreamForecaster.Learning;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>The daemon's settings under faults: everything that happens now and then happens all the time.</summary>
static class FaultSettings
{
    /// <summary>Small models that are trained within a few steps, over and over.</summary>
    internal static LearnOptions Learning { get; } = new()
    {
        Model = new() { HiddenSize = 4, Lookback = 16, Horizons = 2 },
        FirstAfterSteps = 4,
        FirstIntervalSteps = 4,
        PeriodSteps = 16,
        BudgetSteps = 60,
        SamplesPerStep = 64,
        RecentSamples = 1024,
        ReservoirSamples = 512,
        JudgedWindowsMax = 256,
        DutyCycle = 0.5,
        VersionsKept = 1000,
    };

    /// <summary>One topic into one database, which is told the writer's name; the consumer group is named as the topic is.</summary>
    internal static Settings Create(string brokers, string topic, string url, string stateFolder, string spoolFolder, string deadFolder, string writer) => new()
    {
        Kafka = new()
        {
            BootstrapServers = brokers,
            Topics = [topic],
            GroupId = topic,
            Start = "earliest",
            CommitInterval = TimeSpan.FromMilliseconds(500),
            Client = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["session.timeout.ms"] = "6000",
                ["heartbeat.interval.ms"] = "500",
            },
        },
        Align = new() { Step = TimeSpan.FromSeconds(SeededStream.StepSeconds) },
        Learn = Learning,
        Score = new() { WarmUp = 20 },
        Cohorts = new() { By = ["rack"] },
        Series = new() { Warmup = 8 },
        Publish = new() { Horizons = [1] },
        State = new() { Directory = stateFolder, CheckpointEvery = TimeSpan.FromMilliseconds(700), Kept = 2 },
        Runtime = new() { FlushFor = TimeSpan.FromSeconds(5) },
        Http = new() { Listen = "" },
        Sinks = new()
        {
            Influx =
            [
                new InfluxOptions
                {
                    Name = "log",
                    Url = url,
                    Bucket = writer,
                    Gzip = false,
                    RequestLines = 2000,
                    Linger = TimeSpan.FromMilliseconds(20),
                    FirstDelay = TimeSpan.FromMilliseconds(50),
                    MaxDelay = TimeSpan.FromMilliseconds(200),
                    Spool = new() { Directory = spoolFolder, After = TimeSpan.FromMilliseconds(100), SegmentBytes = 1 << 18 },
                },
            ],
            DeadLetters = new() { Directory = deadFolder },
        },
    };
}
