using System.Diagnostics;
using System.Globalization;
using System.Text;
using StreamForecaster.Decoding;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Tests.Decoding;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Publishing.Spooling;
using StreamForecaster.Worker.State;
using StreamForecaster.Worker.Tests.Lanes;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Damaged input of every kind: refused or read, never a crash, never a hang, and each accounted for.</summary>
public sealed class FuzzTests : IDisposable
{
    /// <summary>What takes so long is a hang.</summary>
    internal static readonly TimeSpan HangMin = TimeSpan.FromSeconds(1);

    static readonly LaneSettings Settings = new() { Align = new() { Step = TimeSpan.FromSeconds(1) } };

    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-fuzz-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Fuzz_AFewOfEachKind_IsRefusedOrRead() => RunAll("fuzz-short", records: 200_000, stored: 3_000);

    [LongFact("fuzz")]
    public void Fuzz_MillionsOfEachKind_IsRefusedOrRead() => RunAll("fuzz", records: 10_000_000, stored: 1_000_000);

    void RunAll(string name, int records, int stored)
    {
        const int Seed = 20_261_121;
        LongRun.Say(name, $"seed {Seed}");
        DecodeFormat[] formats = Enum.GetValues<DecodeFormat>();
        foreach (DecodeFormat format in formats)
        {
            Records(name, format, Seed, records / formats.Length);
        }

        byte[] model = ModelFile.Write(Forecaster.Create(Settings.ModelSpec() with { HiddenSize = 4 }, 1));
        (string Kind, byte[] Whole, Func<byte[], bool> Read, int Percent)[] kinds =
        [
            ("snapshots", Frames(), ReadSnapshot, 10),
            ("journals", Journal(), ReadJournal, 35),
            ("models", model, ReadModel, 35),
            ("spool files", SpoolFile(), ReadSpool, 10),
            ("checkpoint manifests", CheckpointManifest(), ReadCheckpoint, 10),
        ];
        foreach ((string kind, byte[] whole, Func<byte[], bool> read, int percent) in kinds)
        {
            Assert.True(read(whole), kind);
            Stored(name, kind, whole, read, Seed, stored / 100 * percent);
        }
    }

    static void Records(string name, DecodeFormat format, int seed, int count)
    {
        Random random = new(seed + (int)format);
        RecordDecoder decoder = new(DecoderSeeds.Sensors, format, maxRecordBytes: 64 * 1024);
        byte[][] seeds = DecoderSeeds.Of(format);
        byte[] text = new byte[seeds.Max(static bytes => bytes.Length) + (4 * Mutation.Growth)];
        PointBatch points = new(1024 * 1024);
        long good = 0, errors = 0, longest = 0, start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            int length = Mutation.Apply(random, seeds[i % seeds.Length], text);
            longest = Math.Max(longest, Ticks(() =>
            {
                points.Clear();
                decoder.Decode(text.AsSpan(0, length), 1_700_000_000_000_000_000, points);
            }));
            if (points.Count + points.ErrorCount + points.SkippedCount == 0)
            {
                Assert.Fail($"mutation {i} of {format} is not accounted for: {Convert.ToHexString(text, 0, length)}");
            }

            good += points.Count > 0 ? 1 : 0;
            errors += points.ErrorCount > 0 ? 1 : 0;
        }

        Told(name, $"records, {format}", count, good, Stopwatch.GetElapsedTime(start), longest);
        Assert.True(good > 0 && errors > 0, $"{format}: {good} good, {errors} bad of {count}");
    }

    // Half of the damage is sealed with a right checksum, so that it comes through to the reader of what is inside.
    static void Stored(string name, string kind, byte[] whole, Func<byte[], bool> read, int seed, int count)
    {
        Random random = new(seed);
        long good = 0, longest = 0, start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            byte[] text = new byte[whole.Length + (4 * Mutation.Growth)];
            int length = Mutation.Apply(random, whole, text);
            byte[] damaged = text[..length];
            if (random.Next(2) == 0)
            {
                Seal(damaged);
            }

            bool isRead = false;
            longest = Math.Max(longest, Ticks(() => isRead = read(damaged)));
            good += isRead ? 1 : 0;
        }

        Told(name, kind, count, good, Stopwatch.GetElapsedTime(start), longest);
    }

    /// <summary>How long something takes. What seems to hang is done once more: a real hang hangs again, a core taken by others does not.</summary>
    internal static long Ticks(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        long ticks = Stopwatch.GetTimestamp() - start;
        if (Stopwatch.GetElapsedTime(0, ticks) < HangMin)
        {
            return ticks;
        }

        start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetTimestamp() - start;
    }

    static void Told(string name, string kind, long count, long good, TimeSpan took, long longest)
    {
        double longestMs = Stopwatch.GetElapsedTime(0, longest).TotalMilliseconds;
        LongRun.Say(name, $"{count} {kind}: {good} read in part or whole, {count - good} refused, {took.TotalSeconds:F1} s, the longest {longestMs:F1} ms");
        Assert.True(longestMs < HangMin.TotalMilliseconds, $"{kind}: one took {longestMs:F0} ms");
    }

    // Puts right the checksums of the frames that can still be followed.
    static void Seal(byte[] bytes)
    {
        int at = 0;
        while (at + StateFrame.PrefixBytes <= bytes.Length)
        {
            int length = Math.Clamp(BitConverter.ToInt32(bytes, at), 0, bytes.Length - at - StateFrame.PrefixBytes);
            BitConverter.TryWriteBytes(bytes.AsSpan(at), length);
            BitConverter.TryWriteBytes(bytes.AsSpan(at + 4), Checksum.Of(bytes.AsSpan(at + 8, length + 4)));
            at += StateFrame.PrefixBytes + length;
        }
    }

    static byte[] Frames()
    {
        ByteBuffer frames = new();
        using Lane lane = NewLane();
        lane.Process(Batch(60), new());
        lane.BeginCheckpoint(everything: true, frames);
        lane.WriteSlice(int.MaxValue, frames);
        return frames.Written.ToArray();
    }

    static RecordBatch Batch(int steps)
    {
        RecordBatch batch = new();
        for (int i = 0; i < steps; i++)
        {
            long second = 1_700_000_000 + i;
            string line = string.Create(CultureInfo.InvariantCulture, $"m,host=h0 value={Math.Sin(i):F3} {second}000000000");
            batch.Add(i, second * 1000, [], Encoding.UTF8.GetBytes(line));
        }

        return batch;
    }

    static Lane NewLane() => new(new("fuzz", 0), Settings, new NoTraining(), 0);

    static bool ReadSnapshot(byte[] bytes)
    {
        Checkpoint checkpoint = new(0);
        using Lane lane = NewLane();
        try
        {
            int at = 0;
            while (StateFrame.TryRead(bytes.AsSpan(at), out int kind, out ReadOnlySpan<byte> payload))
            {
                checkpoint.Take((StateKind)kind, bytes.AsMemory(at + StateFrame.PrefixBytes, payload.Length));
                at += StateFrame.PrefixBytes + payload.Length;
            }

            if (!checkpoint.IsWhole)
            {
                return false;
            }

            CheckpointSeries.Read(checkpoint, LaneHead.Read(checkpoint.Head.Span));
        }
        catch (Exception refused) when (refused is InvalidDataException or NotSupportedException)
        {
            // A later format is refused by name.
            return false;
        }

        // What has come so far is taken up.
        lane.Restore(checkpoint.Head.Span, checkpoint.Series, static (_, _) => null);
        return true;
    }

    static byte[] Journal()
    {
        ByteBuffer bytes = new();
        for (int i = 1; i <= 5; i++)
        {
            JournalFormat.Write(bytes, new(i * 100, i, 1, JournalKind.Activate, "cpu", i, 0));
        }

        return bytes.Written.ToArray();
    }

    static bool ReadJournal(byte[] bytes)
    {
        int at = 0, entries = 0;
        try
        {
            while (JournalFormat.Read(bytes.AsSpan(at)) is var (_, length))
            {
                at += length;
                entries++;
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }

        return entries > 0;
    }

    static bool ReadModel(byte[] bytes)
    {
        try
        {
            ModelFile.Read(bytes);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    byte[] SpoolFile()
    {
        string folder = Path.Combine(_folder, "whole");
        using (Spool spool = new(new(), folder, NewDisk, Assert.Fail))
        {
            for (int i = 0; i < 5; i++)
            {
                spool.Append(Encoding.UTF8.GetBytes($"anomaly,host=h{i} y=1 1700000000000000000\n"), 1);
            }

            spool.Sync();
        }

        return File.ReadAllBytes(Directory.GetFiles(folder, "*.spool")[0]);
    }

    bool ReadSpool(byte[] bytes)
    {
        string folder = Path.Combine(_folder, "spool");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "00000001.spool"), bytes);
        using Spool spool = new(new(), folder, NewDisk, static _ => { });
        ByteBuffer lines = new();
        int read = 0;
        for (int now; (now = spool.Read(lines, 100, 1 << 20)) > 0;)
        {
            read += now;
            spool.Advance();
        }

        Assert.True(spool.IsEmpty);
        Assert.True(read <= 5);
        return read > 0;
    }

    static void NewDisk(Microsoft.Win32.SafeHandles.SafeFileHandle file, ReadOnlySpan<byte> bytes, long at) => RandomAccess.Write(file, bytes, at);

    byte[] CheckpointManifest()
    {
        ByteBuffer frames = new();
        using Lane lane = NewLane();
        lane.Process(Batch(60), new());
        LaneHead head = lane.BeginCheckpoint(everything: true, frames, static () => { });
        lane.WriteSlice(int.MaxValue, frames);
        LaneStore store = new(CheckpointFolder, 3, journal: null);
        FileStream segment = store.BeginSegment();
        segment.Write(frames.Written);
        store.Complete(head, everything: true, segment);
        return File.ReadAllBytes(Directory.GetFiles(CheckpointFolder, "*.manifest")[0]);
    }

    string CheckpointFolder => Path.Combine(_folder, "lane");

    bool ReadCheckpoint(byte[] bytes)
    {
        File.WriteAllBytes(Path.Combine(CheckpointFolder, "60.1.manifest"), bytes);
        try
        {
            return new LaneStore(CheckpointFolder, 3, journal: null).Load(60, static _ => { }) is not null;
        }
        catch (InvalidOperationException newer) when (newer.InnerException is NotSupportedException)
        {
            // A later format is refused by name.
            return false;
        }
    }
}
