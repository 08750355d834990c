using System.Runtime.CompilerServices;
using DeviceMqtt.Gateway.Connections;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Gateway.Sessions;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// Sends what waits for the upstream, at QoS 1, as many messages at once as the window and the network allow. Outlives
/// the connections: what one did not see acknowledged goes out again on the next, first, in its order, with DUP.
/// Owned by the turn.
/// </summary>
internal sealed class RelaySender(RelayBuffer buffer, RelayTopics topics, UplinkPresence presence, Turn turn, int windowMax) : IBacklog
{
    // The gateway's own messages, which are about this connection and go before the backlog.
    private readonly Queue<Message> _ahead = new();
    private ConnectionOutput? _output;
    private TaskCompletionSource? _idle;
    private long _lastProgressMs;

    /// <summary>Packet Identifiers in use towards the upstream.</summary>
    public OutboundWindow Window { get; } = new();

    /// <summary>Messages that the upstream has acknowledged, since the start.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Monotonic milliseconds since when nothing was acknowledged although something is in flight; null when nothing is.</summary>
    public long? StandingStillSinceMs => Window.Count == 0 ? null : _lastProgressMs;

    private bool IsIdle => Window.Count == 0 && buffer.Waiting == 0 && _ahead.Count == 0;

    public void Attach(ConnectionOutput output)
    {
        _output = output;
        _lastProgressMs = turn.NowMs;
        output.Backlog = this;
        Resend(output);
        SendAhead(presence.Online);
    }

    public void Detach()
    {
        _output = null;
        _ahead.Clear();
        // SUBSCRIBE and presence are of the connection that has ended; the next begins with its own.
        foreach (ushort packetId in Window.InOrder().ToArray())
            if (!IsRelayed(Window.Find(packetId).Message))
                Window.Remove(packetId);
        SignalIdle();
    }

    /// <summary>Sends a message of the gateway itself before everything that waits.</summary>
    public void SendAhead(Message message)
    {
        _ahead.Enqueue(message);
        Pump(turn.NowMs);
    }

    /// <summary>Sends a QoS 0 message now or never.</summary>
    /// <returns>False when there is no connection, or it takes no more.</returns>
    public bool TrySendQoS0(Message message)
    {
        if (_output is not { IsFull: false } output)
            return false;
        Write(output, message, QoS.AtMostOnce, dup: false, packetId: 0);
        return true;
    }

    /// <summary>Sends what waits, as far as the window and the network allow.</summary>
    public void Pump(long nowMs)
    {
        if (_output is not { } output)
            return;
        while (Window.HasRoom(windowMax) && !output.IsCongested)
        {
            if (_ahead.TryDequeue(out Message? message) || buffer.TryTake(nowMs, out message))
                Send(output, message!);
            else
                break;
        }
    }

    /// <summary>The upstream has a message.</summary>
    /// <returns>False when the Packet Identifier is not that of a PUBLISH.</returns>
    public bool ReceivePubAck(ushort packetId)
    {
        ref Inflight inflight = ref Window.Find(packetId);
        if (Unsafe.IsNullRef(ref inflight))
            return true; // A late acknowledgement does no harm.
        if (inflight.State != InflightState.AwaitsPubAck)
            return false;
        Message? message = inflight.Message;
        Window.Remove(packetId);
        if (IsRelayed(message))
        {
            Acknowledged++;
            buffer.Release(message!);
        }

        MakeProgress();
        return true;
    }

    /// <summary>Something in flight was answered: there is room for more.</summary>
    public void MakeProgress()
    {
        _lastProgressMs = turn.NowMs;
        Pump(turn.NowMs);
        if (IsIdle)
            SignalIdle();
    }

    /// <summary>Completes when nothing waits or is in flight, or the connection is gone.</summary>
    public Task WhenIdle()
    {
        if (_output is null || IsIdle)
            return Task.CompletedTask;
        // Who waits goes on elsewhere, not inside the turn that made it so.
        _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _idle.Task;
    }

    // [MQTT-4.4.0-1]: under the same Packet Identifiers. What has expired meanwhile does not go out again.
    private void Resend(ConnectionOutput output)
    {
        foreach (ushort packetId in Window.InOrder().ToArray())
        {
            Message message = Window.Find(packetId).Message!;
            if (message.IsExpired(turn.NowMs))
            {
                Window.Remove(packetId);
                buffer.Expire(message);
            }
            else
            {
                Write(output, message, QoS.AtLeastOnce, dup: true, packetId);
            }
        }
    }

    private void Send(ConnectionOutput output, Message message)
    {
        if (Window.Count == 0)
            _lastProgressMs = turn.NowMs;
        Inflight inflight = new() { Message = message, State = InflightState.AwaitsPubAck, Retain = message.Retain };
        _ = Window.TryAdd(inflight, windowMax, out ushort packetId);
        Write(output, message, QoS.AtLeastOnce, dup: false, packetId);
    }

    private void Write(ConnectionOutput output, Message message, QoS qos, bool dup, ushort packetId)
    {
        ReadOnlySpan<byte> topic = topics.ToUpstream(message);
        int length = PublishPacket.GetLength(ProtocolVersion.V311, topic.Length, 0, message.Payload.Length, qos);
        Span<byte> destination = output.GetSpan(length);
        output.Advance(PublishPacket.Encode(destination, ProtocolVersion.V311, topic, default, message.Payload, qos, message.Retain, dup, packetId));
    }

    private bool IsRelayed(Message? message) => message is not null && message != presence.Online && message != presence.Offline;

    private void SignalIdle()
    {
        _idle?.SetResult();
        _idle = null;
    }
}
