using StreamForecaster.Models.Engines;

namespace StreamForecaster.Models.Tests;

/// <summary>Specs and data that several tests share; everything seeded.</summary>
static class Cases
{
    /// <summary>A model whose head is not zero, so that everything behind it matters.</summary>
    public static Forecaster Model(ModelSpec spec, int seed = 1)
    {
        Forecaster model = Forecaster.Create(spec, seed, new Initialization { HeadScale = 1 });
        SeededRandom random = new((ulong)seed + 77);
        foreach (WeightTensor tensor in model.Weights.Tensors)
            if (tensor.Shape.Length == 1)
                foreach (ref float bias in model.Weights.Edit(tensor.Name)) bias += (float)(.2 * random.NextNormal());
        return model;
    }

    public static float[] Normals(int count, int seed, double scale = 1)
    {
        SeededRandom random = new((ulong)seed);
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan()) value = (float)(scale * random.NextNormal());
        return values;
    }

    /// <summary>Every cell, attention, head and way to join them at least once, small.</summary>
    public static IEnumerable<ModelSpec> Family()
    {
        ModelSpec small = new() { HiddenSize = 6, Inputs = 3, Lookback = 5, Horizons = 3, Quantiles = [.5] };
        foreach (EncoderKind encoder in Enum.GetValues<EncoderKind>())
            foreach (AttentionKind attention in Enum.GetValues<AttentionKind>())
                yield return small with { Encoder = encoder, Attention = attention, AttentionHeads = 2 };
        foreach (HeadKind head in (HeadKind[])[HeadKind.Decoder, HeadKind.Refine])
            foreach (EncoderKind encoder in (EncoderKind[])[EncoderKind.Gru, EncoderKind.Lstm])
                foreach (AttentionKind attention in Enum.GetValues<AttentionKind>())
                    yield return small with { Encoder = encoder, Head = head, Attention = attention, AttentionHeads = 3, Known = 2, Outputs = 2 };
        yield return small with { Head = HeadKind.Classifier, Classes = 4 };
        yield return small with { Layers = 3, Dropout = .3 };
        yield return small with { Encoder = EncoderKind.Lstm, Layers = 2, Bidirectional = true };
        yield return small with { Encoder = EncoderKind.Lstm, Head = HeadKind.Decoder, Bidirectional = true, Attention = AttentionKind.MultiHead };
        yield return small with { Combine = CombineKind.Sum, GapInput = 2 };
        yield return small with { Head = HeadKind.Refine, RefineRounds = 5, RefineTolerance = .4 };
        yield return small with { Quantiles = [.1, .5, .9], Outputs = 2, Known = 1 };
        yield return small with { Head = HeadKind.Decoder, Quantiles = [.1, .5, .9], Combine = CombineKind.Sum };

        // The form and widths that the fast engine covers.
        yield return small with { HiddenSize = 16, Lookback = 9, Quantiles = [.2, .5, .7, .8] };
        yield return small with { HiddenSize = 32, Inputs = 5, Lookback = 12, GapInput = 4, Outputs = 2 };
    }

    public static string Name(ModelSpec spec) =>
        $"{spec.Encoder}{(spec.Bidirectional ? "↔" : "")}×{spec.Layers} {spec.Attention} {spec.Combine} {spec.Head} q{spec.Quantiles.Length} o{spec.Outputs} k{spec.Known} g{spec.GapInput}";

    /// <summary>Names of the family, for theories.</summary>
    public static TheoryData<string> FamilyNames => [.. Family().Select(Name)];

    public static ModelSpec Named(string name) => Family().First(s => string.Equals(Name(s), name, StringComparison.Ordinal));

    /// <summary>Zeroed native blocks for streaming states, freed at the end of the test.</summary>
    internal sealed unsafe class Blocks(int count, int bytes) : IDisposable
    {
        readonly nint _start = (nint)System.Runtime.InteropServices.NativeMemory.AlignedAlloc((nuint)(count * bytes), 64);

        public nint[] Addresses { get; private set; } = [];

        public Blocks Clear()
        {
            new Span<byte>((void*)_start, count * bytes).Clear();
            Addresses = [.. Enumerable.Range(0, count).Select(i => _start + i * bytes)];
            return this;
        }

        public Span<byte> Bytes(int index) => new((void*)(_start + index * bytes), bytes);

        public void Dispose() => System.Runtime.InteropServices.NativeMemory.AlignedFree((void*)_start);
    }

    /// <summary>Rows of a block of the graph engines: sizes around it are where a row's place could matter.</summary>
    public const int BlockRows = WindowNetwork.BlockRows;
}
