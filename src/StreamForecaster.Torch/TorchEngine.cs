using StreamForecaster.Models;
using TorchSharp;

namespace StreamForecaster.Torch;

/// <summary>The TorchSharp engine on one device, for training models that are large; tensors never leave this project.</summary>
sealed class TorchEngine : IModelEngine
{
    readonly torch.Device _device;

    TorchEngine(torch.Device device) => _device = device;

    /// <summary>As <see cref="TorchBackend.Open"/>, for a device name that is well formed.</summary>
    public static TorchEngine Open(string device)
    {
        try
        {
            bool wantsCuda = device.StartsWith("cuda", StringComparison.Ordinal);
            torch.InitializeDeviceType(wantsCuda ? DeviceType.CUDA : DeviceType.CPU);
            int gpus = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
            int number = wantsCuda ? int.Parse(device.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture) : 0;
            if (wantsCuda && number >= gpus) throw NotThere(device, $"this machine has {gpus} usable GPUs");
            return new TorchEngine(torch.device(gpus > 0 && device is not "cpu" ? $"cuda:{number}" : "cpu"));
        }
        catch (Exception e) when (e is DllNotFoundException or InvalidOperationException or EntryPointNotFoundException or TypeInitializationException or System.Runtime.InteropServices.ExternalException)
        {
            throw NotThere(device, "libtorch does not load or does not know the device");
        }
    }

    static NotSupportedException NotThere(string device, string why) => new($"engine torchsharp: device {device} is not there: {why}");

    public IWindowEngine Windows(ModelSpec spec, Weights weights) => new TorchWindows(new TorchNetwork(spec, _device), weights);

    public IGradientEngine Gradients(ModelSpec spec, Weights weights, Weights gradients, TrainingOptions options) =>
        new TorchGradients(new TorchNetwork(spec, _device), weights, gradients, new Loss(spec, options));
}
