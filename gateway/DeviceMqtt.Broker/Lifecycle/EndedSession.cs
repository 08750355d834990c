using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>
/// What a Session leaves behind that has ended: commands go to the mailbox of the device, all else is dropped and counted. A million
/// messages take seconds, so this is a job. A new Session of the same client may begin meanwhile.
/// </summary>
internal sealed class EndedSession(Session session, Mailboxes mailboxes, SessionTable sessions, HashSet<EndedSession> all) : IJob
{
    // In the order in which they were to be delivered: those that were sent come first.
    private readonly List<QueuedMessage> _commands = session.End();

    public string ClientId => session.ClientId;

    /// <summary>What is still in custody for the Session.</summary>
    public IEnumerable<QueuedMessage> Waiting => _commands.Concat(session.Queue.InOrder());

    public bool Run(Turn turn)
    {
        if (!session.EndWaiting(_commands))
            return false;
        _ = all.Remove(this);
        mailboxes.PutFirst(session.ClientId, _commands);
        // The device is back already, in a new Session: it gets its commands now.
        if (_commands.Count == 0 || sessions.Find(session.ClientId) is not { IsConnected: true } now)
            return true;
        mailboxes.Open(now);
        now.Pump(turn.NowMs);
        return true;
    }
}
