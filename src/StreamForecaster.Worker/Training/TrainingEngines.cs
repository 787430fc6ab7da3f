using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Torch;

namespace StreamForecaster.Worker.Training;

/// <summary>The engine that the settings ask for. Forecasts are the managed engine's always: it alone has the streaming form.</summary>
static class TrainingEngines
{
    /// <summary>Opens it.</summary>
    /// <exception cref="InvalidOperationException">One line: this build, or this machine, does not have it.</exception>
    public static IModelEngine Open(LearnOptions options)
    {
        if (options.Engine == EngineKind.Managed)
        {
            return new ManagedEngine();
        }

        try
        {
            return TorchBackend.Open(options.Device);
        }
        catch (NotSupportedException missing)
        {
            throw new InvalidOperationException($"learn.{missing.Message}", missing);
        }
    }

    /// <summary>What keeps the engine from being opened, in one line; null where nothing does.</summary>
    public static string? Wrong(LearnOptions options)
    {
        try
        {
            Open(options);
            return null;
        }
        catch (InvalidOperationException missing)
        {
            return missing.Message;
        }
    }
}
