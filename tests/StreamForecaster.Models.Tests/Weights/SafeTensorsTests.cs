using System.Buffers.Binary;
using System.Text;

namespace StreamForecaster.Models.Tests;

public sealed class SafeTensorsTests
{
    static byte[] File(string header, int dataBytes)
    {
        byte[] text = Encoding.UTF8.GetBytes(header), file = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, text.Length);
        text.CopyTo(file, 8);
        return file;
    }

    [Fact]
    public void Write_ThenRead_GivesTheSameTensorsAndMetadata()
    {
        SafeTensorsFile file = new(
            new Dictionary<string, string> { ["b"] = "{\"x\":1}", ["a"] = "µ" },
            [new("first", [2, 3], Cases.Normals(6, 1)), new("none", [0], []), new("one", [], [4])]);
        SafeTensorsFile read = SafeTensors.Read(SafeTensors.Write(file));
        Assert.Equal(file.Metadata, read.Metadata);
        Assert.Equal(file.Tensors.Select(t => (t.Name, string.Join(',', t.Shape), string.Join(',', t.Values))), read.Tensors.Select(t => (t.Name, string.Join(',', t.Shape), string.Join(',', t.Values))));
    }

    [Fact]
    public void Read_OtherFloatTypes_BecomeFloat32()
    {
        byte[] file = File("""{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]},"d":{"dtype":"F64","shape":[1],"data_offsets":[4,12]}}""", 12);
        BinaryPrimitives.WriteHalfLittleEndian(file.AsSpan(file.Length - 12), (Half)1.5f);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(file.Length - 10), (ushort)(BitConverter.SingleToUInt32Bits(-2.5f) >> 16));
        BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(file.Length - 8), .25);
        Assert.Equal([1.5f, -2.5f, .25f], SafeTensors.Read(file).Tensors.Select(t => t.Values[0]));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "ends at 8; the data ends at 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "4 bytes follow the last tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 8, "wants 8 bytes; its offsets give 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "inside another")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "nothing says what bytes 0..4 are")]
    [InlineData("""{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", 8, "allowed are F32, F16, BF16, F64")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999,99999999],"data_offsets":[0,8]}}""", 8, "larger than")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}""", 8, "no whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "allowed are 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "wants 2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", 0, "there twice")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "no dtype")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "is not text")]
    [InlineData("[]", 0, "not a JSON object")]
    [InlineData("{\"a\"", 0, "malformed JSON at byte")]
    public void Read_Malformed_IsRefusedInOneLine(string header, int dataBytes, string wanted)
    {
        string message = Assert.Throws<FormatException>(() => SafeTensors.Read(File(header, dataBytes))).Message;
        Assert.Contains(wanted, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Read_HeaderLengthBeyondTheFileOrTheLimit_IsRefused()
    {
        byte[] file = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(file, ulong.MaxValue);
        Assert.Contains("allowed are", Assert.Throws<FormatException>(() => SafeTensors.Read(file)).Message);
        BinaryPrimitives.WriteUInt64LittleEndian(file, 9);
        Assert.Contains("the file ends after 8", Assert.Throws<FormatException>(() => SafeTensors.Read(file)).Message);
        Assert.Contains("takes 8", Assert.Throws<FormatException>(() => SafeTensors.Read(file.AsMemory(0, 7))).Message);
        Assert.Contains("allowed are 15", Assert.Throws<FormatException>(() => SafeTensors.Read(file, new SafeTensorsLimits { MaxFileBytes = 15 })).Message);
    }

    [Fact]
    public void Read_NotFiniteValue_IsRefused()
    {
        byte[] file = SafeTensors.Write(new SafeTensorsFile(new Dictionary<string, string>(), [new("a", [2], [1, float.NaN])]));
        Assert.Contains("'a': value 1 is not a finite number", Assert.Throws<FormatException>(() => SafeTensors.Read(file)).Message);
    }

    /// <summary>A file with random bytes changed, cut or repeated is either read, or refused by a FormatException: nothing else, ever.</summary>
    [Fact]
    public void Read_RandomlyDamagedModelFiles_AreReadOrRefused()
    {
        byte[] whole = ModelFile.Write(Cases.Model(new ModelSpec { HiddenSize = 3, Lookback = 4, Horizons = 2 }));
        SeededRandom random = new(5);
        int refused = 0;
        const int Rounds = 10_000;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] damaged = Damaged(whole, ref random);
            try
            {
                _ = ModelFile.Read(damaged);
            }
            catch (FormatException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
                Assert.InRange(e.Message.Length, 10, 600);
            }
        }
        Assert.InRange(refused, Rounds / 2, Rounds - 1);
    }

    static byte[] Damaged(byte[] whole, ref SeededRandom random)
    {
        byte[] bytes = [.. whole];
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(whole) + 8;
        for (int changes = 1 + (int)(random.NextUniform() * 4); changes > 0; changes--)
        {
            int at = (int)(random.NextUniform() * (random.NextUniform() < .8 ? header : bytes.Length));
            if (at >= bytes.Length) continue;
            switch ((int)(random.NextUniform() * 5))
            {
                case 0: bytes[at] ^= (byte)(1 << (int)(random.NextUniform() * 8)); break;
                case 1: bytes[at] = (byte)random.NextBits(); break;
                case 2: bytes[at] = (byte)"0123456789{}[],:\"\\"[(int)(random.NextUniform() * 18)]; break;
                case 3: bytes = bytes[..at]; break;
                default: bytes = [.. bytes[..at], .. bytes[(at / 2)..]]; break;
            }
        }
        return bytes;
    }
}
