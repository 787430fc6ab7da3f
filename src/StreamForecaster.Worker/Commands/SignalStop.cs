using System.Runtime.InteropServices;

namespace StreamForecaster.Worker.Commands;

/// <summary>The first SIGINT or SIGTERM asks for a clean stop; the second ends the process at once.</summary>
sealed class SignalStop : IDisposable
{
    // What a shell reports for a process ended by SIGINT.
    const int ExitInterrupted = 130;

    readonly CancellationTokenSource _stop = new();
    readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens from now on.</summary>
    public SignalStop() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    void Handle(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (_stop.IsCancellationRequested)
        {
            Environment.Exit(ExitInterrupted);
        }

        _stop.Cancel();
    }
}
