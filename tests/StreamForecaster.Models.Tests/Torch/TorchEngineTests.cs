using StreamForecaster.Models.Tests.Parity;
using StreamForecaster.Torch;

namespace StreamForecaster.Models.Tests.Torch;

/// <summary>The TorchSharp engine, held to what the managed one is held to; skipped in builds without it.</summary>
public sealed class TorchEngineTests
{
    public static TheoryData<string> Goldens => TorchBackend.IsBuiltIn ? [.. GoldenCase.Each.Select(c => c.Name)] : ["every golden case"];

    [Theory, MemberData(nameof(Goldens))]
    public void Forward_GradientsAnd20Steps_EqualPyTorch(string name)
    {
        Assert.SkipUnless(TorchBackend.IsBuiltIn, "built without TorchSharp");
        Distance distance = Distance.Of(GoldenCase.Named(name), TorchBackend.Open("cpu"));
        Assert.InRange(distance.Forward, 0, 1e-5);
        Assert.InRange(distance.Gradient, 0, 1e-4);
        Assert.InRange(distance.Loss, 0, 1e-4);
    }

    /// <summary>What PyTorch alone cannot express: steps before the window, refine to rest, missing targets, forcing by draws.</summary>
    [Theory]
    [InlineData(EncoderKind.Gru, HeadKind.Refine)]
    [InlineData(EncoderKind.Lstm, HeadKind.Decoder)]
    [InlineData(EncoderKind.Rnn, HeadKind.Direct)]
    public void Step_OddBatches_EqualTheManagedEngine(EncoderKind encoder, HeadKind head)
    {
        Assert.SkipUnless(TorchBackend.IsBuiltIn, "built without TorchSharp");
        ModelSpec spec = new() { Encoder = encoder, Head = head, Layers = 2, HiddenSize = 7, Inputs = 2, Lookback = 6, Horizons = 3, Known = 1, Outputs = 2, GapInput = 1, RefineTolerance = .3 };
        float[] inputs = Cases.Normals(20 * 9 * 2, 1), known = Cases.Normals(60, 2), targets = Cases.Normals(120, 3), weights = [.. Cases.Normals(20, 4).Select(MathF.Abs)];
        for (int i = 1; i < inputs.Length; i += 2) inputs[i] = inputs[i] > .5f ? 1 : 0;
        targets[7] = float.NaN;
        Assert.Equal(Losses(new ManagedEngine()), Losses(TorchBackend.Open("cpu")), (a, b) => Math.Abs(a - b) < 2e-4);

        double[] Losses(IModelEngine engine)
        {
            ModelTraining training = new(Cases.Model(spec), new TrainingOptions { TeacherForcing = .5, TotalSteps = 10 }, engine);
            return [.. Enumerable.Range(0, 6).Select(_ => training.Step(20, inputs, known, targets, weights))];
        }
    }

    [Fact]
    public void Step_1000Times_LeavesNoTensorBehind()
    {
        Assert.SkipUnless(TorchBackend.IsBuiltIn, "built without TorchSharp");
        ModelSpec spec = new() { HiddenSize = 4, Lookback = 3, Horizons = 2, Head = HeadKind.Decoder };
        ModelTraining training = new(Cases.Model(spec), new TrainingOptions(), TorchBackend.Open("cpu"));
        float[] inputs = Cases.Normals(6, 1), targets = Cases.Normals(4, 2);
        for (int step = 0; step < 5; step++) training.Step(2, inputs, [], targets, []);
        long before = TorchBackend.LiveTensors;
        for (int step = 0; step < 1000; step++) training.Step(2, inputs, [], targets, []);
        Assert.InRange(TorchBackend.LiveTensors - before, -1000, 0);
    }

    [Fact]
    public void Open_WhatIsNotThere_IsOneClearLine()
    {
        Assert.Contains("allowed are auto, cpu, cuda:0", Assert.Throws<ArgumentException>(() => TorchBackend.Open("gpu")).Message);
        if (!TorchBackend.IsBuiltIn) Assert.Contains("build with -p:TorchSharp=cpu", Assert.Throws<NotSupportedException>(() => TorchBackend.Open("auto")).Message);
        else Assert.Contains("device cuda:63 is not there", Assert.Throws<NotSupportedException>(() => TorchBackend.Open("cuda:63")).Message);
    }
}
