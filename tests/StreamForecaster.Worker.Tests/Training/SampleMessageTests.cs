using StreamForecaster.Learning;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Training;

public sealed class SampleMessageTests
{
    static readonly SampleShape Shape = SampleShape.Of(SeasonalLane.Spec);

    readonly Received _received = new();
    readonly ByteBuffer _message = new();

    [Fact]
    public void Give_WhatWasWritten_IsTheSameSample()
    {
        (float[] inputs, float[] targets) = Floats(Shape.InputFloats);
        SampleMessage.WriteSample(_message, "cpu", new(7, 11, 13, 0.25f), inputs, [], targets);

        Assert.True(Give(_message.Written));
        Assert.Equal(("cpu", new SampleInfo(7, 11, 13, 0.25f)), (_received.Group, _received.Info));
        Assert.Equal(inputs, _received.Inputs);
        Assert.Equal(targets, _received.Targets);

        _message.Clear();
        SampleMessage.WriteAdvance(_message, "cpu", 100, 10);
        Assert.True(Give(_message.Written));
        Assert.Equal((100L, 10L), _received.Time);
    }

    [Fact]
    public void Give_OfferedAgainOrOfOtherShapes_IsNotTaken()
    {
        (float[] inputs, float[] targets) = Floats(Shape.InputFloats + 1);
        SampleMessage.WriteSample(_message, "cpu", new(7, 11, 13, 1), inputs, [], targets);
        Assert.False(Give(_message.Written));

        _message.Clear();
        (inputs, targets) = Floats(Shape.InputFloats);
        SampleMessage.WriteSample(_message, "cpu", new(7, 11, 13, 1), inputs, [], targets);
        Assert.True(SampleMessage.TryGive(_message.Written, Group, static (_, _, _) => false));
        Assert.Empty(_received.Inputs);
    }

    [Fact]
    public void Give_EveryDamagedByte_IsRefused()
    {
        (float[] inputs, float[] targets) = Floats(Shape.InputFloats);
        SampleMessage.WriteSample(_message, "cpu", new(7, 11, 13, 1), inputs, [], targets);
        byte[] bytes = _message.Written.ToArray();
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x10;
            Assert.False(Give(bytes));
            bytes[i] ^= 0x10;
            Assert.False(Give(bytes.AsSpan(0, i)));
        }
    }

    bool Give(ReadOnlySpan<byte> message) => SampleMessage.TryGive(message, Group, static (_, _, _) => true);

    (IGroupTraining, SampleShape) Group(string name)
    {
        _received.Group = name;
        return (_received, Shape);
    }

    static (float[] Inputs, float[] Targets) Floats(int inputs) =>
        ([.. Enumerable.Range(0, inputs).Select(static i => i / 3f)], [.. Enumerable.Range(0, SeasonalLane.Spec.Horizons).Select(static i => -i / 7f)]);

    sealed class Received : IGroupTraining
    {
        public string Group { get; set; } = "";

        public SampleInfo Info { get; private set; }

        public float[] Inputs { get; private set; } = [];

        public float[] Targets { get; private set; } = [];

        public (long NowNs, long StepNs) Time { get; private set; }

        public bool Wants(ulong series, long knownNs, int seriesInGroup) => true;

        public void Offer(in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets) =>
            (Info, Inputs, Targets) = (info, inputs.ToArray(), targets.ToArray());

        public void Advance(long nowNs, long stepNs) => Time = (nowNs, stepNs);
    }
}
