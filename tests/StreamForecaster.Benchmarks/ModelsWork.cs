using System.Runtime.InteropServices;
using StreamForecaster.Models;
using StreamForecaster.Models.Engines;

namespace StreamForecaster.Benchmarks;

enum WorkKind { OneWindow, Batch, TrainingStep, Streaming }

/// <summary>One kind of work on one model: window 64, GRU + scaled-dot attention, 12 horizons × 3 quantiles, 6 inputs.</summary>
sealed record ModelsWork(WorkKind Kind, int Hidden, int Batch)
{
    const int StreamingSeries = 20_000;

    public static IReadOnlyList<ModelsWork> All { get; } =
    [
        new(WorkKind.OneWindow, 32, 1), new(WorkKind.OneWindow, 64, 1),
        new(WorkKind.Batch, 32, 256), new(WorkKind.Batch, 64, 256),
        new(WorkKind.TrainingStep, 32, 256), new(WorkKind.TrainingStep, 64, 256),
        new(WorkKind.Streaming, 32, 256), new(WorkKind.Streaming, 64, 256),
    ];

    public ModelSpec Spec => new() { HiddenSize = Hidden, Inputs = 6 };

    public string Name => Kind switch
    {
        WorkKind.OneWindow => "one window",
        WorkKind.Batch => "batch",
        WorkKind.TrainingStep => "training step",
        _ => "streaming",
    };

    public string Unit => Kind switch { WorkKind.OneWindow => "µs", WorkKind.Streaming => "points/s", _ => "windows/s" };

    /// <summary>Whether a figure is a time, the less the better, and not a rate.</summary>
    public bool IsTime => Kind == WorkKind.OneWindow;

    /// <summary>How the peer knows it; it has no streaming form.</summary>
    public string? PeerWord => Kind switch { WorkKind.TrainingStep => "training", WorkKind.Streaming => null, _ => "forward" };

    /// <summary>Floating-point operations that one window or point needs, two for each multiply-add; attention counted as folded.</summary>
    public double Flops
    {
        get
        {
            double spec = Spec.Lookback, h = Hidden, step = 2 * 3 * h * (h + Spec.Inputs);
            double look = 2 * h * h + 4 * spec * h + 2 * 2 * h * Spec.OutputSize;
            return Kind switch { WorkKind.Streaming => step + look, WorkKind.TrainingStep => 3 * (spec * step + look), _ => spec * step + look };
        }
    }

    /// <summary>A figure in <see cref="Unit"/> from seconds a call, with <paramref name="threads"/> calls at once.</summary>
    public double Figure(double seconds, int threads) => IsTime ? seconds * 1e6 / threads : threads * Batch / seconds;

    /// <summary>One thread's own model and data; each call is one unit of work.</summary>
    /// <param name="seed">Of weights and data.</param>
    /// <param name="graph">By the graph engine, which the fast one is held to.</param>
    public Action NewCaller(int seed, bool graph)
    {
        Forecaster model = Forecaster.Create(Spec, seed);
        SeededRandom random = new((ulong)seed);
        float[] inputs = [.. Enumerable.Range(0, Batch * Spec.Lookback * Spec.Inputs).Select(_ => (float)random.NextNormal())];
        float[] output = new float[Batch * Spec.OutputSize], targets = [.. Enumerable.Range(0, Batch * Spec.TargetSize).Select(_ => (float)random.NextNormal())];
        if (Kind == WorkKind.Streaming)
        {
            return Streaming(model, inputs, output, random, graph);
        }

        IModelEngine engine = graph ? new GraphEngine() : new ManagedEngine();
        if (Kind != WorkKind.TrainingStep)
        {
            var windows = engine.Windows(Spec, model.Weights);
            return () => windows.Predict(Batch, Spec.Lookback, inputs, [], output);
        }

        ModelTraining training = new(model, new TrainingOptions(), engine);
        return () => training.Step(Batch, inputs, [], targets, []);
    }

    /// <summary>Batches of the series in an order drawn once.</summary>
    unsafe Action Streaming(Forecaster model, float[] inputs, float[] output, SeededRandom random, bool graph)
    {
        StreamLayout layout = new(Spec, RingPrecision.Q15);
        IStreamEngine stream = graph ? new GraphStreams(Spec, model.Weights, layout) : ManagedEngine.Streams(Spec, model.Weights, layout);
        var memory = LargePages.Allocate((nuint)StreamingSeries * (nuint)layout.Bytes);
        nint[] states = [.. Enumerable.Range(0, StreamingSeries).Select(i => memory + i * (nint)layout.Bytes).OrderBy(_ => random.NextUniform())];
        int at = 0, lookback = Spec.Lookback;
        void Call()
        {
            stream.Step(states.AsSpan(at, Batch), inputs.AsSpan(at % lookback * Batch, Batch * 6), [], output);
            at = at + 2 * Batch <= states.Length ? at + Batch : 0;
        }

        // Rings that are full: what a daemon has after its first hour.
        for (int i = 0; i < (graph ? 1 : 65) * (StreamingSeries / Batch); i++)
        {
            Call();
        }

        return Call;
    }
}

/// <summary>The engine of every form, also where the fast one covers it.</summary>
sealed class GraphEngine : IModelEngine
{
    public IWindowEngine Windows(ModelSpec spec, Weights weights) => new GraphWindows(spec, weights);

    public IGradientEngine Gradients(ModelSpec spec, Weights weights, Weights gradients, TrainingOptions options) =>
        new GraphGradients(spec, weights, gradients, options);
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
