using System.Runtime.InteropServices;
using StreamForecaster.Models;

namespace StreamForecaster.Benchmarks;

/// <summary>One kind of work on one model: window 64, GRU + scaled-dot attention, 12 horizons × 3 quantiles, 6 inputs.</summary>
sealed record ModelsWork(string Name, int Hidden, int Batch)
{
    const int StreamingSeries = 20_000;

    public static IReadOnlyList<ModelsWork> All { get; } =
    [
        new("one window", 32, 1), new("one window", 64, 1),
        new("batch", 32, 256), new("batch", 64, 256),
        new("training step", 32, 256), new("training step", 64, 256),
        new("streaming", 32, 256), new("streaming", 64, 256),
    ];

    public ModelSpec Spec => new() { HiddenSize = Hidden, Inputs = 6 };

    public string Unit => Name switch { "one window" => "µs", "streaming" => "points/s", _ => "windows/s" };

    /// <summary>How the peer knows it; it has no streaming form.</summary>
    public string? PeerWord => Name switch { "training step" => "training", "streaming" => null, _ => "forward" };

    /// <summary>Floating-point operations that one window or point needs, two for each multiply-add; attention counted as folded.</summary>
    public double Flops
    {
        get
        {
            double spec = Spec.Lookback, h = Hidden, step = 2 * 3 * h * (h + Spec.Inputs);
            double look = 2 * h * h + 4 * spec * h + 2 * 2 * h * Spec.OutputSize;
            return Name switch { "streaming" => step + look, "training step" => 3 * (spec * step + look), _ => spec * step + look };
        }
    }

    /// <summary>A figure in <see cref="Unit"/> from seconds a call, with <paramref name="threads"/> calls at once.</summary>
    public double Figure(double seconds, int threads) => Name == "one window" ? seconds * 1e6 / threads : threads * Batch / seconds;

    /// <summary>One thread's own model and data; each call is one unit of work.</summary>
    public Action NewCaller(int seed)
    {
        Forecaster model = Forecaster.Create(Spec, seed);
        SeededRandom random = new((ulong)seed);
        float[] inputs = [.. Enumerable.Range(0, Batch * Spec.Lookback * Spec.Inputs).Select(_ => (float)random.NextNormal())];
        float[] output = new float[Batch * Spec.OutputSize], targets = [.. Enumerable.Range(0, Batch * Spec.TargetSize).Select(_ => (float)random.NextNormal())];
        if (Name == "streaming")
        {
            return Streaming(model, inputs, output, random);
        }

        if (Name != "training step")
        {
            return () => model.Predict(Batch, inputs, [], output);
        }

        ModelTraining training = new(model, new TrainingOptions());
        return () => training.Step(Batch, inputs, [], targets, []);
    }

    /// <summary>Batches of the series in an order drawn once.</summary>
    unsafe Action Streaming(Forecaster model, float[] inputs, float[] output, SeededRandom random)
    {
        StreamingForecaster stream = new(model, RingPrecision.Q15);
        var memory = LargePages.Allocate((nuint)StreamingSeries * (nuint)stream.StateBytes);
        nint[] states = [.. Enumerable.Range(0, StreamingSeries).Select(i => memory + i * (nint)stream.StateBytes).OrderBy(_ => random.NextUniform())];
        int at = 0;
        void Call()
        {
            stream.Step(states.AsSpan(at, Batch), inputs.AsSpan(at % Spec.Lookback * Batch, Batch * 6), output);
            at = at + 2 * Batch <= states.Length ? at + Batch : 0;
        }

        // Rings that are full: what a daemon has after its first hour.
        for (int i = 0; i < 65 * (StreamingSeries / Batch); i++)
        {
            Call();
        }

        return Call;
    }
}

/// <summary>Memory that the system may map in pages of 2 MB.</summary>
static unsafe partial class LargePages
{
    const int Advice = 14;

    public static nint Allocate(nuint bytes)
    {
        var memory = NativeMemory.AlignedAlloc(bytes, 1 << 21);
        if (OperatingSystem.IsLinux())
        {
            _ = madvise(memory, bytes, Advice);
        }

        NativeMemory.Clear(memory, bytes);
        return (nint)memory;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int madvise(void* address, nuint length, int advice);
}
