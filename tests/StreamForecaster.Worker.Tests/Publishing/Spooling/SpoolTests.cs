using System.Globalization;
using System.Text;
using StreamForecaster.Worker.Publishing.Spooling;

namespace StreamForecaster.Worker.Tests.Publishing.Spooling;

public sealed class SpoolTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly FullDisk _disk = new();
    readonly List<string> _damage = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_AfterAppends_GivesTheLinesInOrderAndLeavesAnEmptyFolder()
    {
        using Spool spool = Open(segmentBytes: 4096);
        for (int i = 0; i < 1000; i++)
        {
            Append(spool, i);
        }

        spool.Sync();
        Assert.True(Files().Length > 1);
        Assert.Equal(Expected(0, 1000), ReadAll(spool));
        Assert.True(spool.IsEmpty);
        Assert.Equal(0, spool.Bytes);
        Assert.Empty(Files());
    }

    [Fact]
    public void Open_AfterARestart_GivesEverythingThatWasNotAdvanced()
    {
        using (Spool spool = Open(segmentBytes: 4096))
        {
            for (int i = 0; i < 500; i++)
            {
                Append(spool, i);
            }

            spool.Sync();
        }

        using Spool next = Open(segmentBytes: 4096);
        Assert.False(next.IsEmpty);
        Append(next, 500);
        next.Sync();
        Assert.Equal(Expected(0, 501), ReadAll(next));
    }

    [Fact]
    public void Read_WhileAppending_KeepsTheOrder()
    {
        Random random = new(5);
        using Spool spool = Open(segmentBytes: 4096);
        ByteBuffer read = new();
        int appended = 0;
        while (appended < 3000)
        {
            for (int i = random.Next(40); i > 0; i--)
            {
                Append(spool, appended++);
            }

            spool.Sync();
            spool.Read(read, random.Next(1, 60), int.MaxValue);
            spool.Advance();
        }

        read.Append(Encoding.UTF8.GetBytes(ReadAll(spool)));
        Assert.Equal(Expected(0, appended), Encoding.UTF8.GetString(read.Written));
    }

    [Fact]
    public void HasRoomFor_AtTheLimit_IsFalse()
    {
        using Spool spool = Open(segmentBytes: 4096, maxBytes: 1 << 16);
        Assert.True(spool.HasRoomFor(60_000));
        Assert.False(spool.HasRoomFor(1 << 16));
        while (spool.HasRoomFor(100))
        {
            Append(spool, 1);
        }

        Assert.InRange(spool.Bytes, (1 << 16) - 120, 1 << 16);
    }

    [Fact]
    public void Append_DiskFull_TakesBackOnlyWhatWasNotSafe()
    {
        using (Spool spool = Open(segmentBytes: 1 << 20))
        {
            Append(spool, 0);
            spool.Sync();
            Append(spool, 1);
            _disk.Full = true;
            Assert.Throws<IOException>(() => Append(spool, 2));
            spool.TakeBack();
            _disk.Full = false;
            Append(spool, 3);
            spool.Sync();
        }

        using Spool next = Open(segmentBytes: 1 << 20);
        Assert.Equal("line 0\nline 3\n", ReadAll(next));
        Assert.Empty(_damage);
    }

    [Fact]
    public void Open_CutAtAnyByte_GivesAPrefixOfWholeRecordsAndNoDamage()
    {
        using (Spool spool = Open(segmentBytes: 1 << 20))
        {
            for (int i = 0; i < 10; i++)
            {
                Append(spool, i);
            }

            spool.Sync();
        }

        string file = Files().Single();
        byte[] whole = File.ReadAllBytes(file);
        for (int length = whole.Length; length >= 0; length--)
        {
            File.WriteAllBytes(file, whole[..length]);
            using Spool spool = Open(segmentBytes: 1 << 20);
            int records = Math.Max(0, length - 8) / (16 + 7);
            Assert.Equal(Expected(0, records), ReadAll(spool));
            Assert.Empty(Files());
        }

        Assert.Empty(_damage);
    }

    [Fact]
    public void Open_AnyBitFlipped_NeverGivesAWrongLineAndKeepsTheFile()
    {
        using (Spool spool = Open(segmentBytes: 1 << 20))
        {
            for (int i = 0; i < 10; i++)
            {
                Append(spool, i);
            }

            spool.Sync();
        }

        string file = Files().Single();
        byte[] whole = File.ReadAllBytes(file);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] flipped = [.. whole];
            flipped[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(file, flipped);
            _damage.Clear();
            using Spool spool = Open(segmentBytes: 1 << 20);
            string read = ReadAll(spool);
            Assert.StartsWith(read, Expected(0, 10), StringComparison.Ordinal);
            Assert.Single(_damage);
            Assert.Equal(flipped, File.ReadAllBytes(file + ".damaged"));
            File.Delete(file + ".damaged");
        }
    }

    [Fact]
    public void Open_SecondTime_IsRefused()
    {
        using Spool spool = Open(segmentBytes: 4096);
        Assert.Throws<IOException>(() => Open(segmentBytes: 4096));
    }

    static void Append(Spool spool, int i) =>
        spool.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"line {i}\n")), 1);

    static string Expected(int from, int count) =>
        string.Concat(Enumerable.Range(from, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"line {i}\n")));

    static string ReadAll(Spool spool)
    {
        ByteBuffer read = new();
        while (!spool.IsEmpty)
        {
            spool.Read(read, 7, int.MaxValue);
            spool.Advance();
        }

        return Encoding.UTF8.GetString(read.Written);
    }

    string[] Files() => Directory.GetFiles(_folder.Path, "*.spool");

    Spool Open(int segmentBytes, long maxBytes = 1 << 30) =>
        new(new() { SegmentBytes = segmentBytes, MaxBytes = maxBytes }, _folder.Path, _disk.Write, _damage.Add);
}
