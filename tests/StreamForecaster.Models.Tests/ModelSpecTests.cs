namespace StreamForecaster.Models.Tests;

public sealed class ModelSpecTests
{
    public static TheoryData<string> Family => Cases.FamilyNames;

    [Theory, MemberData(nameof(Family))]
    public void FromJson_OfToJson_IsEqual(string name)
    {
        ModelSpec spec = Cases.Named(name);
        Assert.Equal(spec, ModelSpec.FromJson(spec.ToJson()));
        Assert.NotEqual(spec, spec with { Horizons = 99 });
    }

    /// <summary>What is stored may only grow: this line was written into files.</summary>
    [Fact]
    public void ToJson_Default_StaysAsItWasStored() =>
        Assert.Equal(
            """{"encoder":"Gru","layers":1,"hiddenSize":32,"bidirectional":false,"dropout":0,"attention":"ScaledDot","attentionHeads":4,"combine":"Concat","head":"Direct","refineRounds":3,"refineTolerance":0,"inputs":1,"outputs":1,"known":0,"gapInput":-1,"classes":0,"lookback":64,"horizons":12,"quantiles":[0.05,0.5,0.95]}""",
            new ModelSpec().ToJson());

    [Theory]
    [InlineData("""{"layers":0}""", "Layers is 0; allowed is 1..8")]
    [InlineData("""{"quantiles":[0.5,0.5]}""", "must ascend")]
    [InlineData("""{"quantiles":[]}""", "1..32")]
    [InlineData("""{"encoder":"Transformer"}""", "encoder allows Gru, Lstm, Rnn, RnnRelu")]
    [InlineData("""{"encoder":7}""", "model spec: ")]
    [InlineData("""{"colour":1}""", "unknown key 'colour'")]
    [InlineData("""{"attention":"MultiHead","attentionHeads":5}""", "divisors")]
    [InlineData("""{"classes":3}""", "only the classifier head")]
    [InlineData("""{"dropout":1}""", "Dropout is 1")]
    [InlineData("""{"layers":1e99}""", "layers wants a whole number")]
    [InlineData("""{"hiddenSize":1024,"horizons":512,"outputs":256,"quantiles":[0.1,0.2,0.3]}""", "head of")]
    [InlineData("[1]", "JSON object")]
    [InlineData("{", "model spec: ")]
    public void FromJson_NotAllowed_SaysWhatIs(string json, string wanted) =>
        Assert.Contains(wanted, Assert.Throws<FormatException>(() => ModelSpec.FromJson(json)).Message);
}
