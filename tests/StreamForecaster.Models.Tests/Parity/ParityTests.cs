namespace StreamForecaster.Models.Tests.Parity;

/// <summary>The managed engine against PyTorch 1.13.1, form by form.</summary>
public sealed class ParityTests
{
    public static TheoryData<string> Names => [.. GoldenCase.Each.Select(c => c.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Forward_GradientsAnd20Steps_EqualPyTorch(string name)
    {
        GoldenCase golden = GoldenCase.Named(name);
        Assert.Equal(golden.NewModel().Weights.Tensors.Select(t => t.Name), golden.Tensors);
        Distance distance = Distance.Of(golden);
        Assert.InRange(distance.Forward, 0, 1e-5);
        Assert.InRange(distance.Gradient, 0, 1e-4);
        Assert.InRange(distance.Loss, 0, 1e-4);
    }

    [Fact]
    public void Cases_OfTheFamily_AreAllThere()
    {
        string[] names = [.. GoldenCase.Each.Select(c => c.Name)];
        foreach (EncoderKind encoder in Enum.GetValues<EncoderKind>())
            foreach (AttentionKind attention in Enum.GetValues<AttentionKind>())
                foreach (HeadKind head in Enum.GetValues<HeadKind>())
                    Assert.Contains($"{encoder} {attention} {head}", names);
    }
}
