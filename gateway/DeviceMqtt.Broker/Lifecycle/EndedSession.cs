using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>
/// What a Session leaves behind that has ended: commands go to the mailbox of the device, if that is still the same user's, and all else is dropped and counted. A million
/// messages take seconds, so this is a job. A new Session of the same client may begin meanwhile.
/// </summary>
internal sealed class EndedSession(Session session, Mailboxes mailboxes, SessionTable sessions, HashSet<EndedSession> all) : IJob
{
    // In the order in which they were to be delivered: those that were sent come first.
    private readonly List<QueuedMessage> _commands = session.End();

    private int _dropped;

    public string ClientId => session.ClientId;

    /// <summary>Whose it was; no name where nobody knows.</summary>
    public UserIdentity User => session.User;

    /// <inheritdoc/>
    public bool Writes => true;

    /// <inheritdoc/>
    public IPayer Payer => session.Holdings.Owner;

    /// <inheritdoc/>
    public string Name => "the end of a Session";

    // Each message is out of the line before anything is done with it.
    AfterFault IJob.Failed(Exception fault, Turn turn) => AfterFault.Later;

    /// <summary>What is still in custody for the Session. May be gone through over many turns: what has left by then is not met.</summary>
    public IEnumerable<QueuedMessage> Waiting()
    {
        foreach (QueuedMessage queued in session.Queue.InOrder())
            yield return queued;
        // Behind the queue, from where more of them come.
        for (int i = 0; all.Contains(this) && i < _commands.Count; i++)
            if (i >= _dropped)
                yield return _commands[i];
    }

    /// <summary>An operator has the device forgotten: its commands go to nobody, for a new device under its Client Identifier would carry them out.</summary>
    public void Forget() => IsForgotten = true;

    public bool IsForgotten { get; private set; }

    public bool Run(Turn turn)
    {
        // What was in flight first: the answer that the device is forgotten waits for what this turn writes.
        if (IsForgotten && !DropSurplus(turn))
            return false;
        if (!session.EndWaiting(_commands) || !DropSurplus(turn))
            return false;
        QueuedMessage[] left = [.. _commands.Skip(_dropped)];
        _commands.Clear(); // should it be called again, none of them gets into the mailbox twice
        _dropped = 0;
        _ = all.Remove(this);
        mailboxes.PutFirst(session.ClientId, session.User, left);
        // The device is back already, in a new Session: it gets its commands now.
        if (left.Length == 0 || sessions.Find(session.ClientId) is not { IsConnected: true } now)
            return true;
        mailboxes.Open(now);
        turn.Jobs.Start(now); // a fault in that ends its connection alone
        return true;
    }

    // More than a mailbox takes: the oldest, as it would do it, but not all in one turn. A device that is forgotten has no mailbox.
    private bool DropSurplus(Turn turn)
    {
        while (_commands.Count - _dropped > (IsForgotten ? 0 : mailboxes.MessagesMax))
        {
            if (turn.IsSliceOver)
                return false;
            mailboxes.Drop(session.ClientId, _commands[_dropped++], IsForgotten ? DropReason.DroppedByOperator : DropReason.MailboxFull);
        }

        return true;
    }
}
