using System.Buffers.Binary;

namespace StreamForecaster.Decoding;

/// <summary>Reads the protobuf wire format over a span. Malformed bytes end it and set <see cref="Failed"/>: no exceptions.</summary>
ref struct ProtobufReader(ReadOnlySpan<byte> bytes, int start)
{
    readonly ReadOnlySpan<byte> _bytes = bytes;
    int _at;
    int _wire;

    /// <summary>Where the reader is in the payload.</summary>
    public readonly int At => start + _at;

    /// <summary>True once the bytes made no sense.</summary>
    public bool Failed { get; private set; }

    /// <summary>The number of the field that <see cref="Next"/> found.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; its value must then be read or skipped.</summary>
    public bool Next()
    {
        if (Failed || _at == _bytes.Length)
        {
            return false;
        }

        ulong tag = Varint();
        Field = (int)(tag >> 3);
        _wire = (int)(tag & 7);
        Failed |= tag is < 8 or > uint.MaxValue;
        return !Failed;
    }

    /// <summary>The field's embedded message; empty where it is none.</summary>
    public ProtobufReader Message()
    {
        ReadOnlySpan<byte> content = Bytes();
        return new(content, At - content.Length);
    }

    /// <summary>The field's bytes or text; empty where it is none.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        if (_wire != 2)
        {
            Skip();
            return default;
        }

        ulong length = Varint();
        if (Failed || length > (ulong)(_bytes.Length - _at))
        {
            Failed = true;
            return default;
        }

        ReadOnlySpan<byte> content = _bytes.Slice(_at, (int)length);
        _at += (int)length;
        return content;
    }

    /// <summary>The field's eight bytes; 0 where it has another form.</summary>
    public ulong Fixed64()
    {
        if (_wire != 1 || _bytes.Length - _at < 8)
        {
            Skip();
            return 0;
        }

        _at += 8;
        return BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(_at - 8)..]);
    }

    /// <summary>The field's double.</summary>
    public double Double() => BitConverter.UInt64BitsToDouble(Fixed64());

    /// <summary>The field's whole number of variable length; 0 where it has another form.</summary>
    public ulong Number()
    {
        if (_wire == 0)
        {
            return Varint();
        }

        Skip();
        return 0;
    }

    /// <summary>Passes over the field's value. Groups, which OTLP never had, are malformed.</summary>
    public void Skip()
    {
        switch (_wire)
        {
            case 0:
                Varint();
                break;
            case 1:
                Advance(8);
                break;
            case 2:
                Bytes();
                break;
            case 5:
                Advance(4);
                break;
            default:
                Failed = true;
                break;
        }
    }

    void Advance(int count)
    {
        Failed |= count > _bytes.Length - _at;
        _at = Math.Min(_at + count, _bytes.Length);
    }

    ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (_at == _bytes.Length)
            {
                break;
            }

            byte next = _bytes[_at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Failed = true;
        return 0;
    }
}
