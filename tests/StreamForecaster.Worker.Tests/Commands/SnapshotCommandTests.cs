using System.CommandLine;
using StreamForecaster.State;
using StreamForecaster.Worker.Commands;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Tests.Lanes;
using StreamForecaster.Worker.Tests.Publishing;

namespace StreamForecaster.Worker.Tests.Commands;

/// <summary><c>snapshot</c> and <c>validate --against</c> on a state folder that a lane has written.</summary>
public sealed class SnapshotCommandTests : IDisposable
{
    const int Position = 200;

    readonly TemporaryFolder _folder = new();

    string Lane => Path.Combine(_folder.Path, "lanes", LaneRun.Id.ToString());

    public SnapshotCommandTests()
    {
        using LaneJournal journal = new(Lane);
        journal.Append(0, JournalKind.Start, "", 1, 0);
        LaneStore store = new(Lane, 3, journal);
        using LaneRun run = new LaneRun(new()).Feed(TestRecord.Stream(seed: 4, steps: 60, series: 5).Take(Position));
        ByteBuffer frames = new();
        LaneHead head = run.Lane.BeginCheckpoint(everything: true, frames);
        run.Lane.WriteSlice(int.MaxValue, frames);
        FileStream segment = store.BeginSegment();
        segment.Write(frames.Written);
        store.Complete(head with { JournalPosition = 1 }, everything: true, segment);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Inspect_StateFolder_TellsWhatIsInIt()
    {
        (int code, string output) = Run(SnapshotCommand.Create(), "inspect", _folder.Path);

        Assert.Equal(0, code);
        Assert.Contains($"offset      {Position}", output, StringComparison.Ordinal);
        Assert.Contains("journal     1 entries", output, StringComparison.Ordinal);
        Assert.Contains("series      5", output, StringComparison.Ordinal);
        Assert.Contains("group m: 5 series, model version 0", output, StringComparison.Ordinal);
        foreach (string section in new[] { "align", "window", "mixture", "score", "event", "model" })
        {
            Assert.Contains($"    {section} ", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Verify_WholeState_IsExitCodeZero()
    {
        (int code, string output) = Run(SnapshotCommand.Create(), "verify", Lane);

        Assert.Equal(0, code);
        Assert.EndsWith("all can be read\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*.segment", "is damaged at byte")]
    [InlineData("*.manifest", "the manifest is damaged")]
    [InlineData("journal", "it is damaged at byte 0")]
    public void Verify_OneBitWrong_NamesTheFileWithExitCodeOne(string file, string told)
    {
        using (LaneJournal journal = new(Lane))
        {
            journal.Append(1, JournalKind.Idle, "", 1, 1);
        }

        string path = Directory.GetFiles(Lane, file).Single();
        byte[] bytes = File.ReadAllBytes(path);
        bytes[20] ^= 1;
        File.WriteAllBytes(path, bytes);

        (int code, string output) = Run(SnapshotCommand.Create(), "verify", _folder.Path);

        Assert.Equal(1, code);
        Assert.Contains(told, output, StringComparison.Ordinal);
        Assert.EndsWith("1 damaged\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_MissingSegment_IsNamed()
    {
        File.Delete(Directory.GetFiles(Lane, "*.segment").Single());

        Assert.Equal(1, Run(SnapshotCommand.Create(), "verify", _folder.Path).Code);
    }

    [Fact]
    public void Snapshot_NoSuchFolder_IsOneLineAndExitCodeTwo()
    {
        (int code, string output) = Run(SnapshotCommand.Create(), "inspect", Path.Combine(_folder.Path, "none"));

        Assert.Equal(2, code);
        Assert.Contains("there is no such folder", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_AgainstStateWithTheSameSettings_NothingStartsAnew() =>
        Assert.Equal((0, $"{_folder.Path}: nothing starts anew in 1 lanes\n"), Validate("{}"));

    [Theory]
    [InlineData("""{ "score": { "minimumDeviation": 4 } }""", "event score")]
    [InlineData("""{ "learn": { "model": { "lookback": 48 } } }""", "model window")]
    [InlineData("""{ "align": { "lateness": "9s" } }""", "align event mixture model score window")]
    [InlineData("""{ "series": { "groups": [{ "name": "m", "match": ["m.*"], "season": 9 }] } }""", "mixture")]
    public void Validate_AgainstStateWithAChangedSetting_NamesGroupAndSections(string settings, string sections)
    {
        (int code, string output) = Validate(settings);

        Assert.Equal(0, code);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(sections.Split(' ').Select(static section => $"m/{section}: starts anew for 5 series"), lines[..^1].Select(static line => line.Split(';')[0]));
    }

    (int Code, string Output) Validate(string settings)
    {
        string file = Path.Combine(_folder.Path, "settings.json");
        File.WriteAllText(file, settings);
        return Run(ValidateCommand.Create(), "--config", file, "--against", _folder.Path);
    }

    static (int Code, string Output) Run(Command command, params string[] arguments)
    {
        using StringWriter output = new();
        int code = command.Parse(arguments).Invoke(new() { Output = output, Error = output });
        return (code, output.ToString());
    }
}
