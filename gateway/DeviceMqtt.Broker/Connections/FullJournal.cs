using System.Buffers;
using System.Text;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// Clients of 3.x that publish while the journal is full. They cannot be told, so their messages wait here without an
/// acknowledgement, and everything else they send is read on: their own acknowledgements may be what makes room. With them wait
/// PUBREC, PUBREL and UNSUBSCRIBE, where even the reserve is gone and no answer could say so; of 5.0 clients too.
/// <list type="bullet">
/// <item>One client has <see cref="GatewayLimits.PacketBytesMax"/> here, all together <see cref="GatewayLimits.JournalFullBytesMax"/>, of which no owner has more than its share.</item>
/// <item>Beyond that its PUBLISH packets are passed over, for the acknowledgements that may be behind any number of them, and
/// after one more pause the connection is closed: the client has kept those messages and brings them again.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class FullJournal(BrokerState broker, PacketReceiver receiver, TimeProvider time)
{
    private readonly TimeSpan _pause = TimeSpan.FromMilliseconds(broker.Limits.JournalFullPauseMs);

    /// <summary>A PUBLISH that found no room, or comes behind one that did.</summary>
    public void Take(MqttConnection connection, in Frame frame)
    {
        BlockedPublishes blocked = connection.Blocked ??= new BlockedPublishes { Timer = time.CreateTimer(_ => Wake(connection), null, _pause, _pause) };
        int bytes = BlockedPublishes.BytesOf(frame.Packet.Length);
        bool hasRoom = (blocked.Count == 0 || blocked.Bytes + bytes <= broker.Limits.PacketBytesMax) && connection.Owner[Good.BlockedBytes].HasRoomFor(bytes);
        if (blocked.IsOverfull || !hasRoom)
        {
            // From now on none is taken, or a later one would overtake it.
            if (!blocked.IsOverfull)
                _ = blocked.Timer.Change(_pause, _pause);
            blocked.IsOverfull = true;
            CountLoss(connection, frame);
            return;
        }

        broker.Turn.Room.Wait(connection, connection.WakeReader);
        blocked.Add(frame.Packet.ToArray());
        connection.Owner[Good.BlockedBytes].Take(bytes);
    }

    /// <summary>After each read of such a connection: what waits goes on when there is room.</summary>
    public void Look(MqttConnection connection, BlockedPublishes blocked)
    {
        bool isDue = blocked.IsDue;
        blocked.IsDue = false;
        while (blocked.Count > 0 && (isDue || !broker.Custody.IsFull))
        {
            if (!TryReceive(connection, blocked.Peek()))
                break;
            if (!connection.IsOpen)
                return;
            connection.Owner[Good.BlockedBytes].Give(BlockedPublishes.BytesOf(blocked.Take().Length));
        }

        if (blocked.IsOverfull && (isDue || blocked.Count == 0))
            connection.Close(CloseReason.QuotaExceeded, "no room in the journal for its messages");
        else if (blocked.Count == 0)
            Leave(connection);
        else
            broker.Turn.Room.Wait(connection, connection.WakeReader);
    }

    /// <summary>Nothing waits any more, or the connection has ended: the client brings again what was not acknowledged.</summary>
    public void Leave(MqttConnection connection)
    {
        if (connection.Blocked is not { } blocked)
            return;
        connection.Blocked = null;
        broker.Turn.Room.Leave(connection);
        blocked.Timer.Dispose();
        connection.Owner[Good.BlockedBytes].Give(blocked.Bytes);
        while (blocked.Count > 0)
            CountLoss(connection, FrameOf(blocked.Take()));
    }

    private bool TryReceive(MqttConnection connection, byte[] packet)
    {
        Frame frame = FrameOf(packet);
        receiver.Receive(connection, frame);
        bool foundRoom = !connection.FoundNoRoom;
        connection.FoundNoRoom = false;
        return foundRoom;
    }

    // It was cut out whole before.
    private Frame FrameOf(byte[] packet)
    {
        FrameReader reader = new(new ReadOnlySequence<byte>(packet), broker.Limits.PacketBytesMax, broker.Straddle);
        _ = reader.TryRead(out Frame frame);
        return frame;
    }

    // QoS 0 is not brought again.
    private void CountLoss(MqttConnection connection, in Frame frame)
    {
        if (frame.Type != PacketType.Publish || (QoS)(frame.FirstByte >> 1 & 3) != QoS.AtMostOnce)
            return;
        bool isWhole = PublishPacket.TryDecodeLayout(frame, connection.Version, out PublishView view, out _);
        ReadOnlySpan<byte> topic = isWhole ? view.TopicName : default;
        if (topic.IsEmpty && isWhole && connection.Aliases?.TryGetValue(view.TopicAlias, out byte[]? known) == true)
            topic = known;
        broker.Counters.Drop(new Drop(DropReason.JournalFull, DropOwner.Client(connection.Name.Name), Encoding.UTF8.GetString(topic), isWhole ? view.Payload.Length : 0));
    }

    private void Wake(MqttConnection connection)
    {
        using Turn.Scope scope = broker.Turn.Enter();
        if (!connection.IsOpen || connection.Blocked is not { } blocked)
            return;
        blocked.IsDue = true;
        connection.WakeReader();
    }
}
