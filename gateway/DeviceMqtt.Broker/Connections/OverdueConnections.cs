using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// Connections that were silent for too long, stopped in the middle of a packet, or do not read, and are closed for it. Nobody says goodbye when a network goes away: all its
/// boards are overdue in the same second, so this is a job. Owned by the turn; as many wait as there may be connections.
/// </summary>
internal sealed class OverdueConnections(GatewayLimits limits) : IJob
{
    private readonly long _connectMs = limits.ConnectSecondsMax * 1000L;
    private readonly long _stallMs = limits.OutputStallSecondsMax * 1000L;
    private readonly long _packetMs = limits.PacketStallSecondsMax * 1000L;
    private readonly Queue<MqttConnection> _waiting = new();
    private MqttConnection? _atHand;

    /// <summary>What is written of a connection that ends is written when it is settled (<see cref="Departures"/>).</summary>
    public bool Writes => false;

    string IJob.Name => "the end of connections that are silent";

    // It ends all the same.
    AfterFault IJob.Failed(Exception fault, Turn turn)
    {
        _atHand?.Close(CloseReason.InternalError, fault.Message);
        _atHand = null;
        return AfterFault.Later;
    }

    /// <summary>Connections that are to be closed.</summary>
    public int Count => _waiting.Count;

    /// <summary>It is open, and its time is over.</summary>
    public bool IsOverdue(MqttConnection connection, long nowMs) => connection.IsOpen && ReasonOf(connection, nowMs) != CloseReason.None;

    /// <summary>Has it closed when this job runs, unless it gives a sign of life before.</summary>
    public void Add(MqttConnection connection) => _waiting.Enqueue(connection);

    /// <inheritdoc/>
    public bool Run(Turn turn)
    {
        while (!turn.IsLong && _waiting.TryDequeue(out _atHand))
            Close(_atHand, turn.NowMs);
        _atHand = null;
        return _waiting.Count == 0;
    }

    private CloseReason ReasonOf(MqttConnection connection, long nowMs)
    {
        if (connection.Session is null && nowMs - connection.LastReceivedMs > _connectMs && !IsOurDelay(connection))
            return CloseReason.ConnectTimeout;
        if (connection.KeepAliveMs > 0 && connection.SilentMs(nowMs) > connection.KeepAliveMs && connection.Left is null && !IsOurDelay(connection))
            return CloseReason.KeepAliveTimeout;
        if (connection.Session is not null && connection.IsInPacket && connection.PacketStallMs(nowMs) > _packetMs && !IsOurDelay(connection))
            return CloseReason.PacketStalled;
        return connection.Output.StalledSinceMs is var since && since != 0 && nowMs - since > _stallMs ? CloseReason.OutputStalled : CloseReason.None;
    }

    // What it has sent is there, and this process has not come to read it: it stood still, as on a machine that swaps, and sees its clock before its sockets.
    private static bool IsOurDelay(MqttConnection connection) => connection.Held is null && connection.Transport.BytesUnread() > 0;

    private void Close(MqttConnection connection, long nowMs)
    {
        switch (ReasonOf(connection, nowMs))
        {
            case CloseReason.ConnectTimeout:
                connection.Close(CloseReason.ConnectTimeout, connection.Held is null ? $"no CONNECT within {limits.ConnectSecondsMax} s" : $"its CONNECT still waits after {limits.ConnectSecondsMax} s");
                break;
            case CloseReason.KeepAliveTimeout:
                connection.Close(CloseReason.KeepAliveTimeout, $"no packet for {connection.SilentMs(nowMs)} ms, keep alive allows {connection.KeepAliveMs} ms", ReasonCode.KeepAliveTimeout);
                break;
            case CloseReason.PacketStalled:
                connection.Close(
                    CloseReason.PacketStalled, $"{connection.UnfinishedBytes} bytes of a packet have come, and too little more for {connection.PacketStallMs(nowMs)} ms (Limits:PacketStallSecondsMax)",
                    ReasonCode.ImplementationSpecificError);
                break;
            case CloseReason.OutputStalled:
                connection.Close(CloseReason.OutputStalled, $"the client has not read for {nowMs - connection.Output.StalledSinceMs} ms");
                break;
        }
    }
}
