using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// A connection whose owner has had more than its share of the time of the turn is not read until that is paid. What it has sent is not lost, and it is not silent meanwhile: it is
/// the gateway that does not read. When it is read again it has one read unasked, for which its owner is charged: so each connection of a user has its turn, however many are busy.
/// Owned by the turn.
/// </summary>
internal sealed class OwedTime(BrokerState broker)
{
    // Chosen: as many connections as one user may have, by default, pay for a read of 2 ms each in 20 s, so it bounds nobody who sends what is read in a slice. And the Keep Alive of most
    // clients is longer.
    private const int OwedMsMax = 30_000;

    // Chosen: a second is what a client hardly notices, and for each connection of the user that waits 40 ms more: a read is a slice of 2 ms, so all together they have 5 percent of the time at
    // most before they have paid. Of a user with a hundred that owe each has its PINGRESP, and its acknowledgements are read, within four seconds.
    private const int UnaskedMsMin = 1_000;
    private const int UnaskedMsEach = 40;

    private const int LittleBytes = 1024; // of one turn. Chosen: some readings of a board

    /// <summary>What a read has taken is charged, and whether the next has to wait is said: for the time that its owner has had, or for those that its messages wait for.</summary>
    /// <param name="connection">What was read.</param>
    /// <param name="bytes">Of the read.</param>
    /// <param name="pause">What else it waits for.</param>
    public Pause WhenItsTurn(MqttConnection connection, long bytes, Pause pause)
    {
        connection.CountTime(broker.Turn.Time, broker.Turn.WorkUs);
        int owedMs = connection.Spend(broker.Turn.MonotonicUs());
        // What it sends meanwhile is read ahead, and nobody looks at it. Who sends little is not to go because others have the memory.
        if (owedMs == 0 || (!connection.TryPause() && bytes <= LittleBytes))
            return pause with { HeldBack = connection.WhenSubscribersHaveRoom(broker.Turn.NowMs, broker.Limits.PublisherPauseMs, out int heldMs), HeldMs = heldMs };
        if (!connection.IsPaused && !connection.Owner.HasForDisk(broker.Turn.Gate))
            connection.Close(CloseReason.QuotaExceeded, $"{connection.Owner.Name} has had more than its share of the gateway's time, and of its memory (Limits:SharePercentMax)", ReasonCode.QuotaExceeded);
        return Until(connection, owedMs, pause);
    }

    /// <summary>Another of the subscribers to what it has published has no room yet, whoever had some first. Whoever is taken over, or is in the middle of a message, does not wait.</summary>
    /// <param name="connection">What was read.</param>
    /// <param name="start">Of what was read.</param>
    /// <param name="consumed">Nothing, if it has to wait.</param>
    /// <param name="pause">What it waits for then; what was read is looked at again as it is.</param>
    public bool IsHeldBack(MqttConnection connection, SequencePosition start, ref SequencePosition consumed, ref Pause pause)
    {
        if (connection.Left is not null || connection.Held is not null || connection.IsBeingTakenOver)
            return false;
        Task room = connection.WhenSubscribersHaveRoom(broker.Turn.NowMs, broker.Limits.PublisherPauseMs, out int heldMs);
        if (heldMs == 0)
            return false;
        connection.LeaveDiskLine(broker.Turn.Gate); // its turn there would come while it cannot use it
        (consumed, pause) = (start, Pause.None with { HeldBack = room, HeldMs = heldMs, HasMore = true, IsInPlace = true });
        return true;
    }

    /// <summary>It is not read for so long, unless it is closed.</summary>
    /// <param name="connection">What is not read.</param>
    /// <param name="owedMs">Milliseconds, 1 and more.</param>
    /// <param name="pause">What else it waits for.</param>
    public Pause Until(MqttConnection connection, int owedMs, Pause pause)
    {
        owedMs = Math.Min(owedMs, Math.Clamp(connection.WaitForTime() * UnaskedMsEach, UnaskedMsMin, OwedMsMax));
        connection.LastReceivedMs = broker.Turn.NowMs + owedMs;
        if (connection.UnfinishedBytes > 0)
            connection.UnfinishedMs = connection.LastReceivedMs;
        return pause with { HeldBack = connection.WhenClosed(), OwedMs = owedMs };
    }
}
