using Microsoft.Extensions.Hosting.Systemd;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// What systemd is told of the gateway, by sd_notify(3): that it listens, that it stops, and that its turns come to an end. Where no
/// <c>NOTIFY_SOCKET</c> is set nobody is told, and nothing is loaded.
/// </summary>
internal sealed class ServiceManager
{
    private const string SocketVariable = "NOTIFY_SOCKET";
    private const string WatchdogVariable = "WATCHDOG_USEC";

    private readonly Action<string>? _tell;

    private ServiceManager(Action<string>? tell)
    {
        _tell = tell;
        // sd_watchdog_enabled(3): set where the service manager ends who is silent for longer.
        Alive = tell is not null && Environment.GetEnvironmentVariable(WatchdogVariable) is { Length: > 0 } ? () => tell("WATCHDOG=1") : null;
    }

    /// <summary>Called in a turn, once a second; null where nobody waits for it.</summary>
    public Action? Alive { get; }

    /// <summary>The one that has started this process.</summary>
    public static ServiceManager OfProcess() => new(Environment.GetEnvironmentVariable(SocketVariable) is { Length: > 0 } ? Notifier() : null);

    /// <summary>Clients may come.</summary>
    /// <param name="status">One line for <c>systemctl status</c>.</param>
    public void Ready(string status) => _tell?.Invoke($"READY=1\nSTATUS={status}");

    /// <summary>It has begun to stop.</summary>
    public void Stopping() => _tell?.Invoke("STOPPING=1");

    // Apart, so that its assembly is loaded only where it is used.
    private static Action<string> Notifier()
    {
        SystemdNotifier notifier = new();
        return state => notifier.Notify(new ServiceState(state));
    }
}
