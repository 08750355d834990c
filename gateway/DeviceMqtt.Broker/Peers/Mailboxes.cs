using DeviceMqtt.Broker.Budgets;
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
/// and the one that has been away for longest is forgotten first: of the owner that has its share already, or else of the one that has most.
/// </summary>
internal sealed class Mailboxes(MailboxGround ground, SessionTable sessions)
{
    /// <summary>
    /// Told of each device that is forgotten, by its Client Identifier, inside a turn. The known devices are kept here alone:
    /// who holds something for each of them lets go of it now, and not by a count of its own.
    /// </summary>
    public Action<string>? ClientForgotten { get; set; }

    private readonly GatewayLimits _limits = ground.Limits;
    private readonly ICustody _custody = ground.Custody;
    private readonly Dictionary<string, Device> _byClient = new(StringComparer.Ordinal);

    // The ends of a list through all devices: there is one for every client that ever connected, so its links are its own.
    private Device? _first;
    private Device? _last;

    // The same of each owner.
    private readonly Dictionary<Owner, LinkedList<Device>> _byOwner = [];

    // What InOrder comes to next, while somebody goes through it.
    private Device? _next;
    private bool _isWalked;

    // Those in which something waits or is unanswered, and some that were such lately: what a beat looks at.
    private readonly HashSet<Mailbox> _busy = [];
    private Looking? _looking;

    private sealed class Device
    {
        public Device(string clientId, Owner owner)
        {
            ClientId = clientId;
            Owner = owner;
            OfOwner = new LinkedListNode<Device>(this);
        }

        public string ClientId { get; }

        /// <summary>Whose share it takes: of whoever connected as it last.</summary>
        public Owner Owner { get; set; }

        public LinkedListNode<Device> OfOwner { get; }

        public Device? Before { get; set; }

        public Device? After { get; set; }

        public Mailbox? Mailbox { get; set; }

        public ClientRole? Role { get; set; }

        public bool IsReachable { get; set; }
    }

    /// <summary>The user that a device connected as last; null where there is none, or nobody knows.</summary>
    public string? UserOf(string clientId) => _byClient.GetValueOrDefault(clientId)?.Owner.UserName;

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
        if (!_byClient.TryGetValue(clientId, out Device? device) || device.IsReachable)
            return false;
        device.IsReachable = true;
        _custody.DeviceReachable(clientId);
        return true;
    }

    /// <summary>Remembers a client that connects as a device that messages may wait for.</summary>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="role">What it may do.</param>
    /// <param name="owner">Whose share it takes.</param>
    /// <returns>True when it was not known before.</returns>
    public bool Remember(string clientId, ClientRole? role, Owner owner)
    {
        if (_byClient.TryGetValue(clientId, out Device? known))
        {
            if (known.Owner.UserName != owner.UserName)
                _custody.DeviceKnown(clientId, owner.UserName);
            SetRole(known, role);
            Unlink(known);
            MoveTo(known, owner);
            LinkLast(known);
            return false;
        }

        Device device = Add(clientId, owner);
        _custody.DeviceKnown(clientId, owner.UserName);
        SetRole(device, role);
        return true;
    }

    /// <summary>A device of a recovery.</summary>
    /// <returns>True when it is to be reached from upstream, and there are not too many already.</returns>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="owner">Whose share it takes.</param>
    /// <param name="isReachable">It is to be reached from upstream.</param>
    public bool Restore(string clientId, Owner owner, bool isReachable)
    {
        if (_byClient.ContainsKey(clientId) || _byClient.Count >= _limits.KnownDevicesMax)
            return false;
        Add(clientId, owner).IsReachable = isReachable;
        return isReachable;
    }

    /// <summary>What a client of a recovery was let in as, the last time. After <see cref="Restore"/>.</summary>
    public void RestoreRole(string clientId, ClientRole role)
    {
        if (_byClient.TryGetValue(clientId, out Device? device))
            device.Role = role;
    }

    /// <summary>
    /// All known devices, the one that connected last at the end, with what waits for it. It may take many turns: a device that connects
    /// meanwhile may come twice. One such walk at a time.
    /// </summary>
    public IEnumerable<(string ClientId, IEnumerable<QueuedMessage> Waiting, bool IsReachable)> InOrder()
    {
        _next = _first;
        _isWalked = true;
        while (_next is { } device)
        {
            _next = device.After;
            yield return (device.ClientId, device.Mailbox?.Waiting ?? [], device.IsReachable);
        }

        _isWalked = false;
    }

    /// <summary>Messages that may wait for one device.</summary>
    public int MessagesMax => _limits.MailboxMessagesMax;

    /// <summary>What waits for a device, oldest first.</summary>
    public IEnumerable<QueuedMessage> WaitingFor(string clientId) => _byClient.GetValueOrDefault(clientId)?.Mailbox?.Waiting ?? [];

    /// <summary>Has a message wait for a device.</summary>
    /// <returns>False when it was dropped: it is larger than a mailbox may be, or all queues together are full.</returns>
    public bool Put(string clientId, in QueuedMessage message)
    {
        if (!_byClient.TryGetValue(clientId, out Device? device))
        {
            device = Add(clientId, sessions.Find(clientId)?.Holdings.Owner ?? ground.Owners.Restored);
            _custody.DeviceKnown(clientId, device.Owner.UserName);
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

    /// <summary>A message that was to wait for a device has no place: as many newer ones wait as may.</summary>
    public void DropForRoom(string clientId, in QueuedMessage message) =>
        _custody.Drop(DropOwner.Client(clientId), message.Entry, message.Message, DropReason.MailboxFull);

    /// <summary>Has messages wait for a device before those that wait for it already, because they are older.</summary>
    public void PutFirst(string clientId, IReadOnlyList<QueuedMessage> older)
    {
        if (older.Count == 0)
            return;
        if (!ground.MayWait(clientId, isDurable: false) && sessions.Find(clientId) is not { IsConnected: true })
        {
            foreach (QueuedMessage message in older)
                _custody.Drop(DropOwner.Client(clientId), message.Entry, message.Message, DropReason.P2PTargetAbsent);
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
            _ = Put(clientId, message);
        _custody.HasMoved(clientId);
    }

    /// <summary>Whether a message is for this client itself. One for a device behind a gateway below waits for that gateway, like any other.</summary>
    public static bool IsFor(Message message, string clientId) => P2PTopic.TryParse(message.Topic, out _, out string target) && target == clientId;

    /// <summary>The mailbox of a device; null for one that never had anything to wait for it.</summary>
    public Mailbox? Find(string clientId) => _byClient.GetValueOrDefault(clientId)?.Mailbox;

    /// <summary>A known device has connected: its Session takes from its mailbox from now on.</summary>
    public void Open(Session session)
    {
        if (!_byClient.TryGetValue(session.ClientId, out Device? device))
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
    }

    /// <summary>Drops what has expired, and hands over what waited for an answer that did not come, over as many turns as it takes.</summary>
    public void Expire()
    {
        if (_busy.Count > 0)
            ground.Turn.Jobs.Start(_looking ??= new Looking(this));
    }

    private void LookAt(Mailbox mailbox, long nowMs)
    {
        if (mailbox.IsIdle)
            _ = _busy.Remove(mailbox);
        else if (mailbox.Count > 0 && sessions.Find(mailbox.ClientId) is { IsConnected: true } session)
            session.Pump(nowMs);
    }

    private sealed class Looking(Mailboxes mailboxes) : IJob
    {
        private readonly Queue<Mailbox> _left = new();

        public bool Writes => true;

        public bool Run(Turn turn)
        {
            if (_left.Count == 0)
                foreach (Mailbox mailbox in mailboxes._busy)
                    _left.Enqueue(mailbox);
            while (_left.TryPeek(out Mailbox? mailbox))
            {
                if (turn.IsSliceOver || !mailbox.DropExpired(turn))
                    return false;
                _ = _left.Dequeue();
                mailboxes.LookAt(mailbox, turn.NowMs);
            }

            return true;
        }
    }

    private void SetRole(Device device, ClientRole? role)
    {
        if (role is { } now && device.Role != now)
            _custody.RoleIs(device.ClientId, now);
        device.Role = role;
    }

    private Device Add(string clientId, Owner owner)
    {
        while (WhoseIsToGo(clientId, owner) is { } from && OldestAway(from) is { } oldest)
            Forget(oldest);
        Device device = new(clientId, owner);
        _byClient.Add(clientId, device);
        Count(device, 1);
        LinkLast(device);
        return device;
    }

    // The owner of whose devices one has to be forgotten before another may come; null when there is room.
    private Owner? WhoseIsToGo(string clientId, Owner owner)
    {
        int bytes = MemoryCost.Device(clientId);
        if (owner[Good.Devices].HasRoomFor(1) && owner[Good.Memory].HasRoomFor(bytes))
            return null;
        bool hasItsShare = owner[Good.Devices].Left < 1 || owner[Good.Memory].Left < bytes;
        return hasItsShare ? owner : _byOwner.MaxBy(static line => line.Value.Count).Key;
    }

    // A device that is connected is not forgotten, however long ago it connected. Those go to the end of the line; when all are, the one that connected first is forgotten.
    private Device? OldestAway(Owner owner)
    {
        if (!_byOwner.TryGetValue(owner, out LinkedList<Device>? line))
            return null;
        for (int looked = 0; looked < line.Count; looked++)
        {
            Device first = line.First!.Value;
            if (sessions.Find(first.ClientId) is not { IsConnected: true })
                return first;
            Unlink(first);
            LinkLast(first);
        }

        return line.First?.Value;
    }

    private void Forget(Device device)
    {
        Unlink(device);
        Count(device, -1);
        _ = _byClient.Remove(device.ClientId);
        if (sessions.Find(device.ClientId) is { } session)
            session.Mailbox = null;
        device.Mailbox?.Clear(DropReason.P2PTargetUnknown);
        ground.Births.Forget(device.ClientId);
        _custody.DeviceForgotten(device.ClientId);
        ClientForgotten?.Invoke(device.ClientId);
    }

    // Between Unlink and LinkLast.
    private static void MoveTo(Device device, Owner owner)
    {
        if (device.Owner == owner)
            return;
        Count(device, -1);
        device.Owner = owner;
        Count(device, 1);
        device.Mailbox?.MoveTo(owner);
    }

    private static void Count(Device device, int sign)
    {
        device.Owner[Good.Devices].Take(sign);
        device.Owner[Good.Memory].Take(sign * MemoryCost.Device(device.ClientId));
    }

    private void LinkLast(Device device)
    {
        if (!_byOwner.TryGetValue(device.Owner, out LinkedList<Device>? line))
            _byOwner.Add(device.Owner, line = new LinkedList<Device>());
        line.AddLast(device.OfOwner);
        // The last may have been next, and have gone to the end.
        if (_isWalked)
            _next ??= device;
        device.Before = _last;
        device.After = null;
        if (_last is null)
            _first = device;
        else
            _last.After = device;
        _last = device;
    }

    private void Unlink(Device device)
    {
        LinkedList<Device> line = _byOwner[device.Owner];
        line.Remove(device.OfOwner);
        if (line.Count == 0)
            _ = _byOwner.Remove(device.Owner);
        if (_next == device)
            _next = device.After;
        if (device.Before is null)
            _first = device.After;
        else
            device.Before.After = device.After;
        if (device.After is null)
            _last = device.Before;
        else
            device.After.Before = device.Before;
    }
}
