using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// P2P messages that wait for a device that is away (DESIGN: P2P rule 6). A device is known from its first connection on,
/// whether or not it asked for a clean session: nanoFramework's client does so by default, and a command must wait all
/// the same. Bounded per device in number, bytes and time, oldest dropped first; the number of known devices is bounded,
/// and the one that has been away for longest is forgotten first: of the owner that has its share already, or else of those that have most (<see cref="DeviceOrder"/>).
/// What waits belongs to the user that the device connected as last: another one gets nothing of it.
/// </summary>
internal sealed partial class Mailboxes(MailboxGround ground, SessionTable sessions)
{
    /// <summary>
    /// Told of each device that is forgotten, by its Client Identifier, inside a turn. The known devices are kept here alone:
    /// who holds something for each of them lets go of it now, and not by a count of its own.
    /// </summary>
    public Action<string>? ClientForgotten { get; set; }

    private readonly GatewayLimits _limits = ground.Limits;
    private readonly ICustody _custody = ground.Custody;
    private readonly Dictionary<string, KnownDevice> _byClient = new(StringComparer.Ordinal);
    private readonly DeviceOrder _order = new();

    // Those in which something waits or is unanswered, and some that were such lately: what a beat looks at.
    private readonly HashSet<Mailbox> _busy = [];
    private Looking? _looking;

    /// <summary>The user that a device connected as last; no name where there is none, or nobody knows.</summary>
    public UserIdentity UserOf(string clientId) => _byClient.GetValueOrDefault(clientId)?.User ?? default;

    /// <summary>The user for whom something waits under a Client Identifier; no name where nothing does.</summary>
    public UserIdentity HolderOf(string clientId) => _byClient.GetValueOrDefault(clientId) is { Mailbox.IsIdle: false } device ? device.User : default;

    /// <summary>The role that a client had on its last connection; null when nobody knows: it has sent nothing, or the version before this one was its last.</summary>
    public ClientRole? RoleOf(string clientId) => _byClient.GetValueOrDefault(clientId)?.Role;

    public bool IsKnown(string clientId) => _byClient.ContainsKey(clientId);

    /// <summary>Whether a known device is to be reached from upstream, too.</summary>
    public bool IsReachable(string clientId) => _byClient.GetValueOrDefault(clientId) is { IsReachable: true };

    /// <summary>
    /// A known client is to be reached from upstream, too: it is a device, or speaks as one, or expects an answer. Not any
    /// client that connects: each costs a subscription there.
    /// </summary>
    /// <returns>True when it was not to be before.</returns>
    public bool MakeReachable(string clientId)
    {
        if (!_byClient.TryGetValue(clientId, out KnownDevice? device) || device.IsReachable)
            return false;
        device.IsReachable = true;
        _custody.DeviceReachable(clientId);
        return true;
    }

    /// <summary>What a client of a recovery was let in as, the last time. After <see cref="Restore"/>.</summary>
    public void RestoreRole(string clientId, ClientRole role)
    {
        if (_byClient.TryGetValue(clientId, out KnownDevice? device))
            device.Role = role;
    }

    /// <summary>
    /// All known devices, those that are away first, by when they left, with what waits for each. It may take many turns: a device that comes or leaves
    /// meanwhile may come twice.
    /// </summary>
    public IEnumerable<(string ClientId, IEnumerable<QueuedMessage> Waiting, bool IsReachable)> InOrder()
    {
        foreach (KnownDevice device in _order.All())
            yield return (device.ClientId, device.Mailbox?.Waiting ?? [], device.IsReachable);
    }

    /// <summary>Those that have something, or had of late.</summary>
    public IEnumerable<Mailbox> Busy => _busy;

    /// <summary>Messages that may wait for one device.</summary>
    public int MessagesMax => _limits.MailboxMessagesMax;

    /// <summary>What waits for a device, oldest first.</summary>
    public IEnumerable<QueuedMessage> WaitingFor(string clientId) => _byClient.GetValueOrDefault(clientId)?.Mailbox?.Waiting ?? [];

    /// <summary>Has a message wait for a device.</summary>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="message">The message.</param>
    /// <param name="user">For whom it is, where the device is not known any more and has no Session.</param>
    /// <returns>False when it was dropped: it is larger than a mailbox may be, or all queues together are full.</returns>
    public bool Put(string clientId, in QueuedMessage message, in UserIdentity user = default)
    {
        if (!_byClient.TryGetValue(clientId, out KnownDevice? device))
        {
            Session? of = sessions.Find(clientId);
            device = Add(clientId, of?.Holdings.Owner ?? ground.Owners.Restored, of?.User ?? user);
            _custody.DeviceKnown(clientId, device.User);
            if (of is { IsConnected: true })
                _order.Came(device);
        }

        QueuedMessage held = message;
        if (message.Entry == 0)
        {
            ground.Turn.Gate.Join(_custody.Hold(LedgerClass.Mailbox, clientId, message, out long entry));
            held = message with { Entry = entry };
            _custody.Counters.Trace?.Held(message.Message.TraceNumber, entry, DropOwner.Client(clientId), LedgerClass.Mailbox, message.Message.Position);
        }

        Mailbox mailbox = device.Mailbox ??= new Mailbox(clientId, device.Owner, ground);
        _ = _busy.Add(mailbox);
        // Made with the first message: most clients never need one.
        if (sessions.Find(clientId) is { IsConnected: true, Mailbox: null } session)
            session.Mailbox = mailbox;
        return mailbox.Put(held);
    }

    /// <summary>A message that was to wait for a device has no place: as many newer ones wait as may, or the device is forgotten.</summary>
    public void Drop(string clientId, in QueuedMessage message, DropReason reason) =>
        _custody.Drop(DropOwner.Client(clientId), message.Entry, message.Message, reason);

    /// <summary>Has messages wait for a device before those that wait for it already, because they are older.</summary>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="user">For whom they are. They are dropped where that one is gone, or the device is another's now.</param>
    /// <param name="older">The messages.</param>
    public void PutFirst(string clientId, in UserIdentity user, IReadOnlyList<QueuedMessage> older)
    {
        if (older.Count == 0)
            return;
        DropReason? why = ground.IsGone(clientId, user) || IsOfOther(clientId, user) ? DropReason.UserGone
            : !ground.MayWait(clientId, isDurable: false) && sessions.Find(clientId) is not { IsConnected: true } ? DropReason.P2PTargetAbsent : null;
        if (why is { } reason)
        {
            foreach (QueuedMessage message in older)
                _custody.Drop(DropOwner.Client(clientId), message.Entry, message.Message, reason);
            return;
        }

        if (Find(clientId) is { } mailbox)
        {
            _ = _busy.Add(mailbox);
            mailbox.PutFirst(older);
            _custody.HasMoved(clientId);
            return;
        }

        foreach (QueuedMessage message in older)
            _ = Put(clientId, message, user);
        _custody.HasMoved(clientId);
    }

    /// <summary>Whether a message is for this client itself. One for a device behind a gateway below waits for that gateway, like any other.</summary>
    public static bool IsFor(Message message, string clientId) => P2PTopic.TryParse(message.Topic, out _, out string target) && target == clientId;

    /// <summary>The mailbox of a device; null for one that never had anything to wait for it.</summary>
    public Mailbox? Find(string clientId) => _byClient.GetValueOrDefault(clientId)?.Mailbox;

    /// <summary>A known device has connected: its Session takes from its mailbox from now on.</summary>
    public void Open(Session session)
    {
        if (!_byClient.TryGetValue(session.ClientId, out KnownDevice? device))
            return;
        if (device.Mailbox is null && session.InflightCount > 0 && ground.Births.Find(session.ClientId) is not null)
            device.Mailbox = new Mailbox(session.ClientId, device.Owner, ground);
        if (device.Mailbox is not { } mailbox)
            return;
        _ = _busy.Add(mailbox);
        session.Mailbox = mailbox;
        mailbox.Begin(session);
    }

    /// <summary>Its connection is gone.</summary>
    public void Close(Session session)
    {
        if (session.Mailbox is Mailbox mailbox)
        {
            mailbox.End();
            if (!ground.MayWait(session.ClientId, session.IsDurable))
                mailbox.Clear(DropReason.P2PTargetAbsent);
        }

        session.Mailbox = null;
        if (_byClient.TryGetValue(session.ClientId, out KnownDevice? device))
            _order.Left(device);
    }

    /// <summary>Drops what has expired, and hands over what waited for an answer that did not come, over as many turns as it takes.</summary>
    public void Expire()
    {
        if (_busy.Count > 0)
            ground.Turn.Jobs.Start(_looking ??= new Looking(this));
    }

    private void LookAt(Mailbox mailbox)
    {
        if (mailbox.IsIdle)
            _ = _busy.Remove(mailbox);
        else if (mailbox.Count > 0 && sessions.Find(mailbox.ClientId) is { IsConnected: true } session)
            ground.Turn.Jobs.Start(session); // a fault in that ends its connection alone
    }

    private sealed class Looking(Mailboxes mailboxes) : IJob
    {
        private readonly Queue<Mailbox> _left = new();

        public bool Writes => true;

        public string Name => "the look at what waits in mailboxes";

        // Those behind it have their turn; it is looked at again with the next look.
        public AfterFault Failed(Exception fault, Turn turn)
        {
            _ = _left.TryDequeue(out _);
            return AfterFault.Later;
        }

        public bool Run(Turn turn)
        {
            if (_left.Count == 0)
                foreach (Mailbox mailbox in mailboxes._busy)
                    _left.Enqueue(mailbox);
            while (_left.TryPeek(out Mailbox? mailbox))
            {
                if (turn.IsSliceOver || !mailbox.DropExpired(turn))
                    return false;
                mailboxes.LookAt(mailbox);
                _ = _left.Dequeue();
            }

            return true;
        }
    }

    private void SetRole(KnownDevice device, ClientRole? role)
    {
        if (role is { } now && device.Role != now)
            _custody.RoleIs(device.ClientId, now);
        device.Role = role;
    }
}
