using System.Runtime.InteropServices;
using StreamForecaster.Learning;
using StreamForecaster.State;

namespace StreamForecaster.Worker.Training;

/// <summary>A sample, or a group's step in time, as a message of the samples topic: a <see cref="StateFrame"/> of format, group, times and floats.</summary>
static class SampleMessage
{
    const int Format = 1;
    const int SampleKind = 1;
    const int AdvanceKind = 2;

    /// <summary>Appends a sample.</summary>
    public static void WriteSample(
        ByteBuffer to, string group, in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets)
    {
        int start = StateFrame.Begin(to);
        to.Number(Format);
        to.Text(group);
        to.Number((long)info.Series);
        to.Number(info.OriginNs);
        to.Number(info.KnownNs);
        to.Number(BitConverter.SingleToInt32Bits(info.Weight));
        to.Bytes(MemoryMarshal.AsBytes(inputs));
        to.Bytes(MemoryMarshal.AsBytes(known));
        to.Bytes(MemoryMarshal.AsBytes(targets));
        StateFrame.End(to, start, SampleKind);
    }

    /// <summary>Appends a step in time.</summary>
    public static void WriteAdvance(ByteBuffer to, string group, long nowNs, long stepNs)
    {
        int start = StateFrame.Begin(to);
        to.Number(Format);
        to.Text(group);
        to.Number(nowNs);
        to.Number(stepNs);
        StateFrame.End(to, start, AdvanceKind);
    }

    /// <summary>Gives a message to its group's learner; false where it is none of this version, or of other shapes.</summary>
    /// <param name="message">The message.</param>
    /// <param name="groups">A group's way to its learner and the shapes of its samples.</param>
    /// <param name="isNew">Whether a series' sample of a time has not been given before.</param>
    public static bool TryGive(ReadOnlySpan<byte> message, Func<string, (IGroupTraining Training, SampleShape Shape)> groups, Func<string, ulong, long, bool> isNew)
    {
        if (!StateFrame.TryRead(message, out int kind, out ReadOnlySpan<byte> payload))
        {
            return false;
        }

        StateReader reader = new(payload);
        if (reader.Number() != Format)
        {
            return false;
        }

        string group = reader.Text();
        (IGroupTraining training, SampleShape shape) = groups(group);
        if (kind == AdvanceKind)
        {
            training.Advance(reader.Number(), Math.Max(1, reader.Number()));
            return true;
        }

        SampleInfo info = new((ulong)reader.Number(), reader.Number(), reader.Number(), BitConverter.Int32BitsToSingle((int)reader.Number()));
        ReadOnlySpan<float> inputs = MemoryMarshal.Cast<byte, float>(reader.Bytes());
        ReadOnlySpan<float> known = MemoryMarshal.Cast<byte, float>(reader.Bytes());
        ReadOnlySpan<float> targets = MemoryMarshal.Cast<byte, float>(reader.Bytes());
        if (inputs.Length != shape.InputFloats || known.Length != shape.KnownFloats || inputs.Length + known.Length + targets.Length != shape.Floats)
        {
            return false;
        }

        if (isNew(group, info.Series, info.KnownNs))
        {
            training.Offer(info, inputs, known, targets);
        }

        return true;
    }
}
