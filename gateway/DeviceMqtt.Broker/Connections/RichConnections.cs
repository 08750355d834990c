using System.Runtime.InteropServices;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// Where all together have the memory that there is, somebody who has little still finds room: connections of the owner that makes the gateway keep most beside
/// the connections themselves end for it. Those are packets that are not whole, output that is not taken, topic aliases, and what a Session has that ends with
/// its connection.
/// <list type="bullet">
/// <item>What was closed counts as given back at once; it is within moments.</item>
/// <item>Nobody is closed for one that has as much itself.</item>
/// </list>
/// Owned by the turn. It looks at all connections, only while there is no room, and when it has found nobody not again for <see cref="LookMs"/>, but for who has far less than the one that it was for:
/// those who have most ask most, and would keep the others from being looked for.
/// </summary>
internal sealed class RichConnections(BrokerState broker, IReadOnlyCollection<MqttConnection> open)
{
    // Chosen: a look at 10,000 connections takes some hundred microseconds, so that it is a few percent of the time at most.
    private const int LookMs = 10;

    // Chosen: the last tenth is free then, and the next find room without a look.
    private const int ClosedPart = 10;

    // Chosen: those of an owner that has no more than this many times what is asked for are not closed for it.
    private const int RichTimes = 4;

    // Chosen: as many looks in LookMs as an amount can be divided by it, fifteen at most.
    private const int FarLessTimes = 4;

    private const int OwnersAtOnce = 8; // chosen: who comes next finds room, and so many looks are a slice of a turn
    private readonly Dictionary<Owner, long> _byOwner = [];
    private readonly List<MqttConnection> _richest = [];
    private long _nextLookMs = long.MinValue;
    private long _inVainFor; // what had to be had by somebody, and nobody had it

    private Account All => broker.Owners[Good.Memory];

    /// <summary>Makes room for so many bytes of an owner that has its share of memory left.</summary>
    /// <returns>False when nobody has more than it: there is no room.</returns>
    public bool TryMakeRoom(Owner owner, long bytes)
    {
        Account memory = owner[Good.Memory];
        if (memory.HasRoomFor(bytes))
            return true;
        long nowMs = broker.Turn.NowMs;
        long least = Math.Max(bytes * RichTimes, memory.Used + bytes);
        if (memory.Refusing(bytes, out long kept) != All || (nowMs < _nextLookMs && least > _inVainFor / FarLessTimes))
            return false;
        long free = bytes + kept + (All.Max / ClosedPart);
        for (int i = 0; i < OwnersAtOnce && All.Left < free && FindRichest(owner, bytes) is { } richest; i++)
            CloseOf(richest, free - All.Left);
        _byOwner.Clear();
        if (memory.HasRoomFor(bytes))
            return true;
        (_nextLookMs, _inVainFor) = (nowMs + LookMs, least);
        return false;
    }

    /// <summary>What a connection had sent is given back, and what was written for it soon is.</summary>
    public void Ended(MqttConnection connection)
    {
        All.Coming -= connection.ComingBytes;
        connection.ComingBytes = 0;
    }

    private void CloseOf(Owner richest, long bytes)
    {
        foreach (MqttConnection connection in open)
            if (connection.Owner == richest && IsCloseable(connection))
                _richest.Add(connection);
        _richest.Sort(static (one, other) => other.BesideBytes.CompareTo(one.BesideBytes));
        long has = _byOwner[richest];
        foreach (MqttConnection connection in _richest)
        {
            if (bytes <= 0)
                break;
            long beside = connection.BesideBytes;
            bytes -= beside;
            connection.ComingBytes = beside;
            All.Coming += beside;
            connection.Close(CloseReason.QuotaExceeded, $"others have no room: all together have {All.Used} of {All.Max} bytes of memory (Limits:MemoryBytesMax), {richest.Name} has most of them ({has}), this connection {beside}", ReasonCode.QuotaExceeded);
        }

        _richest.Clear();
    }

    private Owner? FindRichest(Owner asks, long bytes)
    {
        _byOwner.Clear();
        foreach (MqttConnection connection in open)
            if (IsCloseable(connection))
                CollectionsMarshal.GetValueRefOrAddDefault(_byOwner, connection.Owner, out _) += connection.BesideBytes;
        long least = Math.Max(bytes * RichTimes, _byOwner.GetValueOrDefault(asks) + bytes);
        Owner? richest = null;
        foreach ((Owner owner, long has) in _byOwner)
            if (has > least)
                (richest, least) = (owner, has);
        return richest;
    }

    // Who may command all devices is not closed for them.
    private static bool IsCloseable(MqttConnection connection) => connection is { IsOpen: true, Session.Role: not ClientRole.Operator, BesideBytes: > 0 };
}
