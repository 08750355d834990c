using System.Runtime.InteropServices;
using DeviceMqtt.Gateway.Orders;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// SIGHUP, as daemons take it: the settings are read again, and the answer is in the log. It never ends the process. While the gateway starts or recovers it is kept, and
/// taken once the gateway runs: what was read before the signal may be older than what it tells of. There is no such signal on Windows.
/// </summary>
internal sealed class ReloadSignal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration? _registration;
    private Func<OrderAnswer>? _reload;
    private bool _isKept;

    public ReloadSignal()
    {
        if (!OperatingSystem.IsWindows())
            _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Take);
    }

    /// <summary>From now on until the answer is disposed of, the signal does this; at once if it has come already.</summary>
    public IDisposable Use(Func<OrderAnswer> reload)
    {
        lock (_lock)
        {
            _reload = reload;
            if (_isKept)
                _ = reload();
            _isKept = false;
        }

        return new Taken(this);
    }

    public void Dispose() => _registration?.Dispose();

    private void Take(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lock (_lock)
            if (_reload is { } reload)
                _ = reload();
            else
                _isKept = true;
    }

    private sealed class Taken(ReloadSignal signal) : IDisposable
    {
        public void Dispose()
        {
            lock (signal._lock)
                signal._reload = null;
        }
    }
}
