namespace StreamForecaster.Models.Tests;

/// <summary>After construction and a first call nothing is allocated.</summary>
public sealed class AllocationTests
{
    public static TheoryData<string> Family => Cases.FamilyNames;

    [Theory, MemberData(nameof(Family))]
    public void PredictAndTrain_AfterTheFirstCall_AllocateNothing(string name)
    {
        ModelSpec spec = Cases.Named(name);
        const int Batch = 19;
        Forecaster model = Cases.Model(spec);
        ModelTraining training = new(model, new TrainingOptions { Loss = spec.Head == HeadKind.Classifier ? LossKind.CrossEntropy : LossKind.Pinball });
        float[] inputs = Cases.Normals(Batch * spec.Lookback * spec.Inputs, 1), known = Cases.Normals(Batch * spec.Known * spec.Horizons, 2);
        float[] targets = new float[Batch * spec.TargetSize], output = new float[Batch * spec.OutputSize];
        AssertNothing(() =>
        {
            model.Predict(Batch, inputs, known, output);
            training.Step(Batch, inputs, known, targets, []);
        });
    }

    public static TheoryData<string> Streaming => [.. Cases.Family().Where(s => !s.Bidirectional).Select(Cases.Name)];

    [Theory, MemberData(nameof(Streaming))]
    public void Stream_AfterTheFirstCall_AllocatesNothing(string name)
    {
        ModelSpec spec = Cases.Named(name);
        const int Batch = 19;
        StreamingForecaster stream = new(Cases.Model(spec), RingPrecision.Half);
        using Cases.Blocks blocks = new Cases.Blocks(Batch, stream.StateBytes).Clear();
        float[] inputs = Cases.Normals(Batch * spec.Inputs, 1), known = Cases.Normals(Batch * spec.Known * spec.Horizons, 2);
        float[] output = new float[Batch * spec.OutputSize], weights = new float[spec.Lookback];
        AssertNothing(() =>
        {
            stream.Step(blocks.Addresses, inputs, known, output);
            stream.Attention(blocks.Addresses[0], weights);
            stream.Reencode(blocks.Addresses[0], inputs);
        });
    }

    static void AssertNothing(Action calls)
    {
        // The first calls compile and unroll; a tier change may still come, so one clean round of several is enough.
        for (int warm = 0; warm < 3; warm++) calls();
        long least = long.MaxValue;
        for (int round = 0; round < 5 && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            calls();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }
}
