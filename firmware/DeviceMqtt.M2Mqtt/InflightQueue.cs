using DeviceMqtt.Protocol;

namespace nanoFramework.M2Mqtt;

/// <summary>
/// The client's one queue, for both directions, in the package's own manner:
/// <list type="bullet">
/// <item>What is received takes a place in it too; when it is full, a received message is lost without a word.</item>
/// <item>A message that is not acknowledged is sent again after the resend time, so many times, then it is given up.</item>
/// <item>A QoS 1 message that was acknowledged keeps its place until its resend time.</item>
/// <item>PUBACK for a received message is sent before the message is told of.</item>
/// </list>
/// No I/O and no clock of its own. Not thread-safe: it is called under its connection's lock.
/// </summary>
internal sealed class InflightQueue(MqttClientTimes times)
{
    private readonly Queue<InflightMessage> _messages = new();

    internal int Count => _messages.Count;

    private int SizeMax => times.InflightQueueSize ?? MqttSettings.Instance.InflightQueueSize;

    /// <summary>Puts a packet to be sent behind the others. False if there is no room.</summary>
    internal bool TryAdd(InflightMessage message)
    {
        if (_messages.Count >= SizeMax)
        {
            return false;
        }

        _messages.Enqueue(message);
        return true;
    }

    /// <summary>Takes a received PUBLISH.</summary>
    internal void ReceivePublish(InflightMessage message)
    {
        if (message.QoS == QoS.ExactlyOnce && Find(message.PacketId, isInbound: true) is { } known)
        {
            // Sent again by the broker: PUBREC again, told of once.
            known.State = InflightState.Queued;
            return;
        }

        // What finds no room is gone: no acknowledgement, no event.
        TryAdd(message);
    }

    /// <summary>Takes a received PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK or UNSUBACK. False if nothing waits for it.</summary>
    internal bool ReceiveAck(PacketType type, ushort packetId, IInflightOutput output, long nowMs)
    {
        InflightMessage? message = Find(packetId, isInbound: type == PacketType.PubRel);
        switch (type)
        {
            case PacketType.PubAck when message is { Type: PacketType.Publish, State: InflightState.AwaitsAcknowledgement, QoS: QoS.AtLeastOnce }:
                message.State = InflightState.Lingers;
                output.RaisePublished(packetId, isPublished: true);
                return true;
            case PacketType.PubRec when message is { Type: PacketType.Publish, State: InflightState.AwaitsAcknowledgement or InflightState.AwaitsPubComp, QoS: QoS.ExactlyOnce }:
                message.State = InflightState.AwaitsPubComp;
                message.Resends = 0;
                message.SentMs = nowMs;
                output.SendAck(PacketType.PubRel, packetId);
                return true;
            case PacketType.PubComp when message is { State: InflightState.AwaitsPubComp }:
                Remove(message);
                output.RaisePublished(packetId, isPublished: true);
                return true;
            case PacketType.PubRel:
                // A PUBREL for a message that is done already only needs its PUBCOMP again.
                output.SendAck(PacketType.PubComp, packetId);
                if (message is { State: InflightState.AwaitsPubRel })
                {
                    Remove(message);
                    output.RaiseReceived(message);
                }

                return true;
            case PacketType.SubAck when message is { Type: PacketType.Subscribe, State: InflightState.AwaitsAcknowledgement }:
            case PacketType.UnsubAck when message is { Type: PacketType.Unsubscribe, State: InflightState.AwaitsAcknowledgement }:
                Remove(message!);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Sends, sends again and gives up what is due. Returns the milliseconds until it must be called again, or null for never.</summary>
    internal int? Process(IInflightOutput output, long nowMs)
    {
        long? next = null;
        for (int left = _messages.Count; left > 0; left--)
        {
            InflightMessage message = _messages.Dequeue();
            if (!(message.IsInbound ? ProcessInbound(message, output) : ProcessOutbound(message, output, nowMs)))
            {
                continue;
            }

            _messages.Enqueue(message);
            if (message.State != InflightState.AwaitsPubRel)
            {
                long due = message.SentMs + times.ResendMs - nowMs;
                next = next is null || due < next ? due : next;
            }
        }

        return next is null ? null : (int)Math.Max(next.Value, 0);
    }

    /// <summary>Forgets everything, without a word.</summary>
    internal void Clear() => _messages.Clear();

    /// <returns>True if the message keeps its place.</returns>
    private static bool ProcessInbound(InflightMessage message, IInflightOutput output)
    {
        if (message.State == InflightState.AwaitsPubRel)
        {
            return true;
        }

        if (message.QoS == QoS.ExactlyOnce)
        {
            message.State = InflightState.AwaitsPubRel;
            output.SendAck(PacketType.PubRec, message.PacketId);
            return true;
        }

        if (message.QoS == QoS.AtLeastOnce)
        {
            output.SendAck(PacketType.PubAck, message.PacketId);
        }

        output.RaiseReceived(message);
        return false;
    }

    /// <returns>True if the message keeps its place.</returns>
    private bool ProcessOutbound(InflightMessage message, IInflightOutput output, long nowMs)
    {
        if (message.State == InflightState.Queued)
        {
            output.Send(message.Packet);
            message.State = InflightState.AwaitsAcknowledgement;
            message.SentMs = nowMs;
            return message.Type != PacketType.Publish || message.QoS != QoS.AtMostOnce;
        }

        if (nowMs - message.SentMs < times.ResendMs)
        {
            return true;
        }

        if (message.State == InflightState.Lingers)
        {
            return false;
        }

        if (message.Resends == times.ResendsMax)
        {
            // For SUBSCRIBE and UNSUBSCRIBE nobody is told.
            if (message.Type == PacketType.Publish)
            {
                output.RaisePublished(message.PacketId, isPublished: false);
            }

            return false;
        }

        message.Resends++;
        message.SentMs = nowMs;
        if (message.State == InflightState.AwaitsPubComp)
        {
            output.SendAck(PacketType.PubRel, message.PacketId);
            return true;
        }

        if (message.Type == PacketType.Publish)
        {
            // [MQTT-3.3.1-1] DUP is set when a PUBLISH is sent again.
            message.Packet[0] |= 0x08;
        }

        output.Send(message.Packet);
        return true;
    }

    private InflightMessage? Find(ushort packetId, bool isInbound)
    {
        foreach (InflightMessage message in _messages)
        {
            if (message.PacketId == packetId && message.IsInbound == isInbound && (!isInbound || message.QoS == QoS.ExactlyOnce))
            {
                return message;
            }
        }

        return null;
    }

    private void Remove(InflightMessage gone)
    {
        for (int left = _messages.Count; left > 0; left--)
        {
            InflightMessage message = _messages.Dequeue();
            if (message != gone)
            {
                _messages.Enqueue(message);
            }
        }
    }
}
