using System.Runtime.InteropServices;
using DeviceMqtt.Gateway.Composition;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>SIGTERM, Ctrl-C and SIGQUIT ask the process to stop by itself, instead of ending it. A second one ends it, and so does a stop that takes too long.</summary>
internal sealed class StopSignals : IDisposable
{
    private const int EndedBySignal = 128 + 15; // what a shell says of SIGTERM
    private static readonly TimeSpan Patience = GatewayHost.StopTimeout + TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private Timer? _end;
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals()
    {
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask), PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask), PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Ask)];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _end?.Dispose();
        _stop.Dispose();
    }

    private void Ask(PosixSignalContext signal)
    {
        if (_stop.IsCancellationRequested)
            return;
        signal.Cancel = true;
        _end = new Timer(static _ => Environment.Exit(EndedBySignal), state: null, Patience, Timeout.InfiniteTimeSpan);
        _stop.Cancel();
    }
}
