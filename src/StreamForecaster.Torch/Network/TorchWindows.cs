using StreamForecaster.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace StreamForecaster.Torch;

/// <summary>Forecasts of windows with TorchSharp: one dispose scope per call, so that no tensor outlives it.</summary>
sealed class TorchWindows(TorchNetwork network, Weights weights) : IWindowEngine
{
    public void Predict(int batch, int steps, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output)
    {
        ModelSpec spec = network.Spec;
        network.Upload(weights);
        network.Train(false);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor result = network.Forward(
            network.ToTensor(inputs, [batch, steps, spec.Inputs]), network.ToTensor(known, [batch, spec.Horizons, spec.Known]), null);
        result.cpu().contiguous().data<float>().ToArray().CopyTo(output);
    }
}
