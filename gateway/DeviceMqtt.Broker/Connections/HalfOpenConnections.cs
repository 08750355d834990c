using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// Connections whose CONNECT is not accepted yet. They are cheap to make, and whoever has nothing to say holds one for
/// <see cref="GatewayLimits.ConnectSecondsMax"/>: so where there is no room the oldest without a CONNECT ends for the newest, of the address that has its
/// share already, or else of the one that has most; and where that one has none without a CONNECT, the newest of it whose login waits, or whose user owes for its time, if it has more of them than the newcomer. Who connects
/// and speaks finds room, however many wrong passwords of others wait. Owned by the turn.
/// </summary>
internal sealed class HalfOpenConnections
{
    private readonly Dictionary<Owner, LinkedList<MqttConnection>> _byOwner = [];

    /// <summary>Makes room for one more.</summary>
    /// <param name="from">The address that it comes from.</param>
    /// <param name="isFull">There are as many connections as there may be.</param>
    /// <param name="bytes">What it takes in memory.</param>
    /// <returns>False when there is none: of all that are half open, and wait for their logins or their time, no address has more than this one; or there are none.</returns>
    public bool TryMakeRoom(Owner from, bool isFull, int bytes)
    {
        Account connections = from[Good.HalfOpen];
        Account memory = from[Good.Memory];
        if (!isFull && connections.HasRoomFor(1) && memory.HasRoomFor(bytes))
            return true;
        bool hasItsShare = connections.Left < 1 || memory.Left < bytes;
        Good scarce = connections.HasRoomFor(1) && !isFull ? Good.Memory : Good.HalfOpen;
        if ((hasItsShare ? from : Richest(scarce)) is not { } owner)
            return false;
        if (OldestOf(owner) is { } oldest)
            return End(oldest, "no CONNECT yet");
        bool hasMore = owner[scarce].Used > from[scarce].Used + (scarce == Good.Memory ? bytes : 1);
        return !hasItsShare && hasMore && NewestHeldOf(owner) is { } newest && End(newest, newest.Held!.Login is null ? "its user has had more than its share of the time" : "its login waits");

        bool End(MqttConnection connection, string why)
        {
            connection.Close(CloseReason.QuotaExceeded, $"{why}, and {owner.Name} has {owner[Good.HalfOpen].Used} connections without a CONNECT that was accepted, as many as it may have for now");
            Remove(connection);
            return connections.HasRoomFor(1);
        }
    }

    /// <summary>A new one.</summary>
    public void Add(MqttConnection connection)
    {
        if (!_byOwner.TryGetValue(connection.Owner, out LinkedList<MqttConnection>? all))
            _byOwner.Add(connection.Owner, all = new LinkedList<MqttConnection>());
        connection.HalfOpen = all.AddLast(connection);
        connection.Owner[Good.HalfOpen].Take(1);
    }

    /// <summary>It has its CONNACK, or has ended. Once; later calls do nothing.</summary>
    public void Remove(MqttConnection connection)
    {
        if (connection.HalfOpen is not { List: { } all } place)
            return;
        connection.HalfOpen = null;
        Owner owner = connection.Address;
        all.Remove(place);
        if (all.Count == 0)
            _ = _byOwner.Remove(owner);
        owner[Good.HalfOpen].Give(1);
    }

    private Owner? Richest(Good good) => _byOwner.Keys.MaxBy(owner => owner[good].Used);

    private MqttConnection? OldestOf(Owner owner)
    {
        foreach (MqttConnection connection in _byOwner.GetValueOrDefault(owner) ?? [])
            if (connection.Held is null)
                return connection;
        return null;
    }

    // The newest: the login of another one may be worked out next. One that waits for a take-over is let in already.
    private MqttConnection? NewestHeldOf(Owner owner)
    {
        for (LinkedListNode<MqttConnection>? place = _byOwner[owner].Last; place is not null; place = place.Previous)
            if (place.Value.Held is { Login: not null } or { WaitsForTime: true, WaitsForTakeOver: false })
                return place.Value;
        return null;
    }
}
