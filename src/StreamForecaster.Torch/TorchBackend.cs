using System.Globalization;
using StreamForecaster.Models;

namespace StreamForecaster.Torch;

/// <summary>The way to the TorchSharp engine: there in builds with -p:TorchSharp=cpu or =cuda, one clear line in all others.</summary>
public static class TorchBackend
{
    /// <summary>True in builds that have it.</summary>
    public static bool IsBuiltIn =>
#if TORCHSHARP
        true;
#else
        false;
#endif

    /// <summary>Tensors alive in this process; it stays flat over the steps of a run.</summary>
    public static long LiveTensors =>
#if TORCHSHARP
        TorchSharp.torch.Tensor.TotalCount;
#else
        0;
#endif

    /// <summary>Opens the engine on <paramref name="device"/>: auto (the first GPU if there is one, else the CPU), cpu, or cuda:N.</summary>
    /// <exception cref="NotSupportedException">The build has no TorchSharp, its native library does not load, or the GPU is not there.</exception>
    /// <exception cref="ArgumentException">The device is none of those.</exception>
    public static IModelEngine Open(string device)
    {
        bool isCuda = device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device.AsSpan(5), CultureInfo.InvariantCulture, out int number) && number is >= 0 and < 64;
        if (device is not ("auto" or "cpu") && !isCuda)
            throw new ArgumentException($"device is '{device}'; allowed are auto, cpu, cuda:0, cuda:1, …", nameof(device));
#if TORCHSHARP
        return TorchEngine.Open(device);
#else
        throw new NotSupportedException("engine torchsharp: this build has no TorchSharp; build with -p:TorchSharp=cpu or -p:TorchSharp=cuda, or set engine to managed");
#endif
    }
}
