using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// Memory for packets that are not whole, and for those that wait for the disk.
/// <list type="bullet">
/// <item>Of several large packets of one owner each is read on only when its share has memory for all of it, as its header says, beside what is to come of the others: with memory for
/// a part of each they would have all there is, and none could become whole. A single one is always read on.</item>
/// <item>Where there is none yet, and what the same owner has will be given back, the connection is not read on until then: what its client sends stays in the network. It is closed
/// where nothing would be.</item>
/// <item>Where all together have the memory, a large packet waits for others to be done, and so does one that has become whole at once and waits for the disk: <see cref="WaitForAllMax"/> at a time, for <see cref="WaitForAllMs"/> at most. All that there is
/// may be parts of packets none of which can become whole: then those that have waited for longest are closed, and the others go on.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class UnfinishedPackets(BrokerState broker, RichConnections rich)
{
    /// <summary>Connections that wait at a time because all together have the memory. Chosen: what was read last of each does not count, and is 2 MB then.</summary>
    public const int WaitForAllMax = 32;

    private const long WaitForAllMs = 10_000; // chosen: a megabyte over a bad radio link
    private const int LookAgainMs = 200; // chosen: nobody tells them when there is some, for each of many small things is given back, too

    private const int LeftPart = 16; // chosen: at 128 MB the connections of 36 boards
    private const int SmallBytes = 16 * 1024; // of a packet for which others make room. Chosen: what a board sends
    private int _waitForAll;

    /// <summary>Counts what stays of what was read.</summary>
    /// <param name="connection">Whose bytes they are.</param>
    /// <param name="bytes">How many stay.</param>
    /// <param name="waits">Bytes of the packet that waits for the disk; 0 when none does.</param>
    /// <returns>False when the connection is held back, or closed.</returns>
    public bool TryKeep(MqttConnection connection, long bytes, int waits)
    {
        Owner owner = connection.Owner;
        long? waitsSinceMs = EndWait(connection);
        bool isLarge = waits == 0 && connection.Session is not null && connection.DeclaredBytes > SmallBytes;
        if (!isLarge)
            connection.Collect(null);
        long more = connection.More(bytes);
        long nowMs = broker.Turn.NowMs;
        bool isSmall = bytes <= SmallBytes;
        bool mayCollect = !isLarge || connection.IsCollecting || (connection.IsNextToCollect && (owner.Collecting == 0 || HasRoomForAll(owner, connection.More(connection.DeclaredBytes))));
        if (mayCollect && (isSmall || more <= 0 || LeavesSome(owner[Good.Memory], more)) && connection.TryKeepUnfinished(bytes, nowMs))
            return Kept(connection, bytes, isLarge);
        if (mayCollect && isSmall && rich.TryMakeRoom(owner, more) && connection.TryKeepUnfinished(bytes, nowMs))
            return Kept(connection, bytes, isLarge);
        connection.PauseCollecting();
        if (!mayCollect)
            connection.WaitToCollect();
        if (owner.HasForDisk(broker.Turn.Gate) && MayHold(connection, connection.MoreIfHeld(bytes)))
        {
            connection.HoldUnfinished(bytes, nowMs);
            connection.LastReceivedMs = nowMs; // it is not silent: it is not read
            return false;
        }

        // Behind another of its owner, as long as its Keep Alive lets it.
        if (isLarge && (owner.Collecting > 0 || !connection.IsNextToCollect) && connection.TryHoldUnfinished(bytes, nowMs))
            return false;
        // One that has become whole at once while another had the memory, and waits for the disk: that gets further, and gives back.
        bool isWholeAtOnce = waits > 0 && owner.HasForDisk(broker.Turn.Gate);
        bool isForAll = isLarge && !connection.Output.HoldsBackItsClient && connection.Memory.Refusing(more, out _) == broker.Owners[Good.Memory];
        if ((isWholeAtOnce || isForAll) && TryWaitForAll(connection, bytes, waitsSinceMs ?? nowMs))
            return false;
        string kind = waits == 0 ? "a packet that is not whole yet" : "packets that wait for the disk";
        connection.Close(CloseReason.QuotaExceeded, $"{bytes} bytes of {kind}: {broker.Owners.WhyNoMemory(owner, more, connection.Memory)}", ReasonCode.QuotaExceeded);
        return false;
    }

    /// <summary>Completes when one that is held back may find memory.</summary>
    public Task WhenMayGoOn(MqttConnection connection) => connection.WaitsForAllSinceMs is not null ? Task.Delay(TimeSpan.FromMilliseconds(LookAgainMs), broker.Turn.Time)
        : connection.Owner.HasForDisk(broker.Turn.Gate) ? broker.Turn.Gate.WhenFurther() : connection.Owner.WhenCollected();

    /// <summary>The connection has ended: nothing of a packet stays.</summary>
    public void Ended(MqttConnection connection)
    {
        connection.Collect(null);
        _ = EndWait(connection);
        _ = connection.TryKeepUnfinished(0, broker.Turn.NowMs);
    }

    private bool TryWaitForAll(MqttConnection connection, long bytes, long sinceMs)
    {
        long nowMs = broker.Turn.NowMs;
        if (_waitForAll >= WaitForAllMax || nowMs - sinceMs >= WaitForAllMs)
            return false;
        _waitForAll++;
        connection.WaitsForAllSinceMs = sinceMs;
        connection.HoldAsItIs(bytes, nowMs);
        connection.LastReceivedMs = nowMs; // it is not silent: it is not read
        return true;
    }

    /// <returns>Since when it has waited because all together have the memory; null when it did not.</returns>
    private long? EndWait(MqttConnection connection)
    {
        long? sinceMs = connection.WaitsForAllSinceMs;
        _waitForAll -= sinceMs is null ? 0 : 1;
        connection.WaitsForAllSinceMs = null;
        return sinceMs;
    }

    private static bool Kept(MqttConnection connection, long bytes, bool isLarge)
    {
        if (isLarge)
            connection.Collect(Math.Max(0, connection.DeclaredBytes - bytes));
        return true;
    }

    // Beside those that are collected already, each of which is to become whole.
    private static bool HasRoomForAll(Owner owner, long more) => LeavesSome(owner[Good.Memory], owner.ToCome + more);

    // Large packets that are not whole leave some of a share for the connections and small packets of the same user.
    private static bool LeavesSome(Account share, long more) => share.Left - more >= share.Max / LeftPart;

    private bool MayHold(MqttConnection connection, long more) => more <= 0 || connection.Memory.HasRoomFor(more) || (rich.TryMakeRoom(connection.Owner, more) && connection.Memory.HasRoomFor(more));
}
