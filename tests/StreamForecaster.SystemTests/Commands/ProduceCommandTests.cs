using System.CommandLine;
using StreamForecaster.SystemTests.Brokers;
using StreamForecaster.SystemTests.Ingestion;
using StreamForecaster.Worker.Commands;

namespace StreamForecaster.SystemTests.Commands;

[Collection(SystemRun.Name)]
public sealed class ProduceCommandTests(EmbeddedKafka broker)
{
    [Fact]
    public async Task Produce_Csv_WritesARecordPerRowWithItsTime()
    {
        string topic = await broker.NewTopicAsync(4);
        string file = Path.Combine(Directory.CreateTempSubdirectory("streamforecaster-").FullName, "cpu.csv");
        await File.WriteAllTextAsync(file, "timestamp,value\n1700000000,1.5\n1700000060,2.5\n", TestContext.Current.CancellationToken);

        (int code, string output, _) = await RunAsync("--topic", topic, "--brokers", broker.BootstrapServers, "--file", file);
        await using SourceRun run = Read(topic);
        await run.ReceivedAsync(2);

        Assert.Equal(0, code);
        Assert.Contains($"2 records written to {topic}", output);
        Assert.Equal(
            [(1_700_000_000_000, "cpu", "cpu value=1.5 1700000000000000000"), (1_700_000_060_000, "cpu", "cpu value=2.5 1700000060000000000")],
            run.Lanes.Records.Select(record => (record.TimestampMs, record.Key, record.Value)));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task Produce_ThisMachine_WritesEverySourceEachSecond()
    {
        string topic = await broker.NewTopicAsync(4);
        (int code, _, _) = await RunAsync("--topic", topic, "--brokers", broker.BootstrapServers, "--seconds", "4");
        await using SourceRun run = Read(topic);
        await run.ReceivedAsync(5);

        Assert.Equal(0, code);
        Assert.Contains(run.Lanes.Records, record => record.Key.EndsWith("/cpu0", StringComparison.Ordinal));
        Assert.All(run.Lanes.Records, record => Assert.Equal(0, record.TimestampMs % 1000));

        // A source stays in one partition.
        Assert.All(
            run.Lanes.Records.GroupBy(record => record.Key), source => Assert.Single(source.Select(record => record.Lane).Distinct()));
    }

    [Fact]
    public async Task Produce_FileThatIsNotThere_IsOneLine()
    {
        (int code, _, string error) = await RunAsync("--topic", "any", "--brokers", broker.BootstrapServers, "--file", "/absent.csv");

        Assert.Equal(1, code);
        Assert.Equal("'/absent.csv' is neither a file nor a folder.\n", error);
    }

    SourceRun Read(string topic) => new(new()
    {
        BootstrapServers = broker.BootstrapServers,
        Topics = [topic],
        GroupId = broker.Unique("group"),
        Start = "earliest",
    });

    static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int code = await ProduceCommand.Create().Parse(arguments).InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
