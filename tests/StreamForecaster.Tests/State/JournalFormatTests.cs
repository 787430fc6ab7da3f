using StreamForecaster.State;

namespace StreamForecaster.Tests.State;

public sealed class JournalFormatTests
{
    static readonly JournalEntry Entry = new(42, 7, 3, JournalKind.Activate, "cpu", 12, -1);

    static byte[] Written()
    {
        ByteBuffer buffer = new();
        JournalFormat.Write(buffer, Entry);
        return buffer.Written.ToArray();
    }

    [Fact]
    public void Read_WrittenEntry_IsTheSame() => Assert.Equal((Entry, Written().Length), JournalFormat.Read(Written()));

    [Fact]
    public void Read_AnyTornOrFlippedByte_IsNoEntry()
    {
        byte[] bytes = Written();
        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.Null(JournalFormat.Read(bytes.AsSpan(0, i)));
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x10;
            Assert.Null(JournalFormat.Read(damaged));
        }
    }

    [Fact]
    public void Read_NewerFormat_IsRefusedByName()
    {
        byte[] bytes = Written();
        bytes[StateFrame.PrefixBytes] = JournalFormat.Version + 1;
        BitConverter.TryWriteBytes(bytes.AsSpan(4), Checksum.Of(bytes.AsSpan(8)));
        Assert.Contains("format 2", Assert.Throws<InvalidDataException>(() => JournalFormat.Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Kinds_StoredNumbers_DoNotChange() =>
        Assert.Equal("1Start 2Idle 3Activate 4Forget",
            string.Join(' ', Enum.GetValues<JournalKind>().Select(kind => $"{(int)kind}{kind}")));
}
