namespace StreamForecaster.Models.Tests;

/// <summary>The bits of a row do not depend on the batch's size, its place in it, or the other rows (DESIGN, section 2).</summary>
public sealed class BatchInvarianceTests
{
    public static TheoryData<string> Family => Cases.FamilyNames;

    /// <summary>An odd width, and one that the fast engine takes where the machine has it.</summary>
    [Theory]
    [InlineData(13)]
    [InlineData(16)]
    public void Predict_BatchesOf1To300_EveryRowEqualsItsBatchOfOne(int hidden)
    {
        ModelSpec spec = new() { HiddenSize = hidden, Lookback = 6, Inputs = 3, Horizons = 2 };
        AssertInvariant(spec, Enumerable.Range(1, 300));
    }

    [Theory, MemberData(nameof(Family))]
    public void Predict_FamilyAroundTheBlockSize_EveryRowEqualsItsBatchOfOne(string name) =>
        AssertInvariant(Cases.Named(name), [2, 3, 5, Cases.BlockRows - 1, Cases.BlockRows, Cases.BlockRows + 1, 2 * Cases.BlockRows + 5]);

    static void AssertInvariant(ModelSpec spec, IEnumerable<int> batches)
    {
        int[] sizes = [.. batches];
        int most = sizes.Max(), width = spec.Lookback * spec.Inputs, knownWidth = spec.Known * spec.Horizons, outputs = spec.OutputSize;
        Forecaster model = Cases.Model(spec);
        float[] inputs = Cases.Normals(most * width, 1), known = Cases.Normals(most * knownWidth, 2);
        float[] alone = new float[most * outputs];
        for (int row = 0; row < most; row++)
            model.Predict(1, inputs.AsSpan(row * width, width), known.AsSpan(row * knownWidth, knownWidth), alone.AsSpan(row * outputs, outputs));
        foreach (int batch in sizes)
        {
            // The last rows of the data: a row's place changes with the batch's size.
            int first = most - batch;
            float[] output = new float[batch * outputs];
            model.Predict(batch, inputs.AsSpan(first * width), known.AsSpan(first * knownWidth), output);
            Assert.Equal(alone.AsSpan(first * outputs).ToArray(), output);
        }
    }

    [Theory]
    [InlineData(13)]
    [InlineData(16)]
    public void Step_BatchesOf1To300_EveryRowEqualsItsBatchOfOne(int hidden)
    {
        ModelSpec spec = new() { HiddenSize = hidden, Lookback = 8, Inputs = 2, Horizons = 3 };
        StreamingForecaster stream = new(Cases.Model(spec), RingPrecision.Q15);
        using Cases.Blocks blocks = new Cases.Blocks(600, stream.StateBytes).Clear();
        float[] output = new float[300 * spec.OutputSize], one = new float[spec.OutputSize];
        for (int batch = 1; batch <= 300; batch++)
        {
            float[] inputs = Cases.Normals(batch * 2, batch);
            stream.Step(blocks.Addresses.AsSpan(0, batch), inputs, output.AsSpan(0, batch * spec.OutputSize));
            for (int row = batch - 1; row >= 0; row--)
            {
                stream.Step(blocks.Addresses.AsSpan(300 + row, 1), inputs.AsSpan(row * 2, 2), one);
                Assert.True(one.AsSpan().SequenceEqual(output.AsSpan(row * spec.OutputSize, spec.OutputSize)), $"batch {batch}, row {row}");
            }
        }
    }
}
