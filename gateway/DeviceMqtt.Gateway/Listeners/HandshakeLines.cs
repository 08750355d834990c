using System.Net;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>Says what became of connections before a CONNECT, so many lines a minute of each kind at most, and counts all. Safe from any thread.</summary>
internal sealed class HandshakeLines(ILogger log, TimeProvider time)
{
    private const int LinesPerMinuteMax = 20; // chosen: a network whose boards all have the wrong certificate is seen in the first few
    private readonly Lock _lock = new();
    private readonly LineLimit _refusedLines = new(LinesPerMinuteMax);
    private readonly LineLimit _failedLines = new(LinesPerMinuteMax);
    private long _refused;
    private long _failed;

    /// <summary>Connections closed before anything was worked out for them.</summary>
    public long RefusedCount => Volatile.Read(ref _refused);

    /// <summary>Connections that never became secure, or never said who is behind the proxy.</summary>
    public long FailedCount => Volatile.Read(ref _failed);

    /// <summary>Told who took a port with TLS for one without (false), or the other way round (true). Called on any thread; must not wait long.</summary>
    public Action<EndPoint?, bool>? WrongPort { get; init; }

    /// <summary>A client begins as this port does not: people mix ports up.</summary>
    /// <param name="remote">Whose it is.</param>
    /// <param name="isTls">It begins a TLS handshake.</param>
    /// <param name="why">In words.</param>
    public void MixedUp(EndPoint? remote, bool isTls, string why)
    {
        Failed(remote, why);
        WrongPort?.Invoke(remote, isTls);
    }

    public void Refused(EndPoint? remote, string why)
    {
        _ = Interlocked.Increment(ref _refused);
        if (TryTake(_refusedLines, out long withheld))
            log.HandshakeRefused(remote, why, withheld);
    }

    public void Failed(EndPoint? remote, string why)
    {
        _ = Interlocked.Increment(ref _failed);
        if (TryTake(_failedLines, out long withheld))
            log.HandshakeFailed(remote, why, withheld);
    }

    private bool TryTake(LineLimit lines, out long withheld)
    {
        lock (_lock)
            return lines.TryTake(time.MonotonicMs(), out withheld);
    }
}
