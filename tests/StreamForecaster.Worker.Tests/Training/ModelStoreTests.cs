using System.Runtime.InteropServices;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Worker.Commands;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Training;

public sealed class ModelStoreTests : IDisposable
{
    const string Group = "../cpu by host";

    readonly string _folder = Directory.CreateTempSubdirectory("models").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_AVersionThatWasAdded_HasTheSameWeights()
    {
        ModelStore store = Store();
        TrainingOutcome won = Won(7);

        GroupManifest manifest = store.Add(won)!;

        Assert.Equal(7, manifest.Champion);
        Assert.Equal([Group], store.Groups);
        Assert.Equal(Bytes(won.Challenger), Bytes(Store().Load(Group, 7)));
        Assert.Single(Directory.GetDirectories(_folder));
    }

    [Fact]
    public void Add_MoreThanIsKept_DropsTheOldestButNotTheChampion()
    {
        ModelStore store = Store(kept: 2);
        store.Add(Won(1));
        store.Add(Won(2));
        store.Choose(Group, 1, StoreRecord.RolledBack);
        store.Choose(Group, 2, StoreRecord.Promoted);
        store.Add(Won(3));
        GroupManifest manifest = store.Add(Won(4))!;

        Assert.Equal([3L, 4], manifest.Versions.Select(version => version.Version));
        Assert.Equal(2, Directory.GetFiles(Directory.GetDirectories(_folder)[0], "*.safetensors").Length);
        Assert.Throws<InvalidDataException>(() => store.Load(Group, 2));
    }

    [Fact]
    public void Add_AVersionThatALaneNames_IsKept()
    {
        ModelStore store = new(_folder, 1, TimeProvider.System, static _ => new HashSet<long> { 2 });
        for (long version = 1; version <= 5; version++)
        {
            store.Add(Won(version));
        }

        Assert.Equal([2L, 5], store.Read(Group)!.Versions.Select(version => version.Version));
        Assert.NotNull(store.Load(Group, 2));
    }

    [Fact]
    public void Load_ADamagedFile_IsRefusedAndNamed()
    {
        ModelStore store = Store();
        store.Add(Won(1));
        string path = Directory.GetFiles(_folder, "*.safetensors", SearchOption.AllDirectories)[0];
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => store.Load(Group, 1));

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AManifestThatIsNoJson_IsRefusedAndNamed()
    {
        ModelStore store = Store();
        store.Add(Won(1));
        string path = Directory.GetFiles(_folder, "manifest.json", SearchOption.AllDirectories)[0];
        File.WriteAllText(path, "{\"group\":");

        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => store.Read(Group)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_AVersionThatAnotherProcessHasStored_IsRefusedAndTheOtherStays()
    {
        Store().Add(Won(1));
        byte[] stored = Bytes(Store().Load(Group, 1));

        Assert.Null(Store().Add(Won(1) with { Challenger = Forecaster.Create(SeasonalLane.Spec, 77) }));

        Assert.Equal(stored, Bytes(Store().Load(Group, 1)));
        Assert.Equal(1, Store().Read(Group)!.Sequence);
    }

    [Theory]
    [InlineData("rollback", Group, "version 2 answers now", 2)]
    [InlineData("promote", Group + "|1", "version 1 answers now", 1)]
    [InlineData("list", "", "version 3", 3)]
    [InlineData("show", Group, "* version 3", 3)]
    [InlineData("forget", Group + "|--from|2026-11-21T10:00Z|--to|2026-11-21T11:00Z", "forgotten", 3)]
    public void Models_Command_ChangesAndTellsTheChampion(string verb, string arguments, string told, long champion)
    {
        foreach (long version in new[] { 1, 2, 3 })
        {
            Store().Add(Won(version));
        }

        (int code, string output) = Run([verb, .. arguments.Split('|', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal(0, code);
        Assert.Contains(told, output, StringComparison.Ordinal);
        Assert.Equal(champion, Store().Read(Group)!.Champion);
    }

    [Theory]
    [InlineData("promote", Group + "|9", "no version 9")]
    [InlineData("show", "memory", "no group 'memory'")]
    [InlineData("forget", Group + "|--from|2026-11-21T11:00Z|--to|2026-11-21T10:00Z", "--to 2026-11-21 10:00:00Z is before --from 2026-11-21 11:00:00Z.")]
    public void Models_WhatCannotBe_IsOneClearLine(string verb, string arguments, string told)
    {
        Store().Add(Won(1));

        (int code, string output) = Run([verb, .. arguments.Split('|')]);

        Assert.Equal(1, code);
        Assert.Contains(told, Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    (int Code, string Output) Run(string[] arguments)
    {
        using var output = new StringWriter();
        int code = ModelsCommand.Create().Parse([.. arguments, "--store", _folder]).Invoke(new() { Output = output, Error = output });
        return (code, output.ToString());
    }

    ModelStore Store(int kept = 16) => new(_folder, kept, TimeProvider.System);

    static TrainingOutcome Won(long version) => new(
        Group, version, version * 1_000_000_000, Forecaster.Create(SeasonalLane.Spec, (int)version), new(true, "won", default, null));

    static byte[] Bytes(Forecaster model) => MemoryMarshal.AsBytes(model.Weights.Values).ToArray();
}
