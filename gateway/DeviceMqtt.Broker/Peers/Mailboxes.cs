using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// P2P messages that wait for a device that is away (DESIGN: P2P rule 6). A device is known from its first connection on,
/// whether or not it asked for a clean session: nanoFramework's client does so by default, and a command must wait all
/// the same. Bounded per device in number, bytes and time, oldest dropped first; the number of known devices is bounded,
/// and the one that has been away for longest is forgotten first.
/// </summary>
internal sealed class Mailboxes(Ground ground, QueueBudget budget, SessionTable sessions)
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

    private sealed class Device(string clientId)
    {
        public string ClientId { get; } = clientId;

        public Device? Before { get; set; }

        public Device? After { get; set; }

        public MessageQueue? Mailbox { get; set; }

        public ClientRole? Role { get; set; }

        public bool IsReachable { get; set; }
    }

    /// <summary>The role that a device had on its last connection; null when it has not been here since the gateway started.</summary>
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
    /// <returns>True when it was not known before.</returns>
    public bool Remember(string clientId, ClientRole? role)
    {
        if (_byClient.TryGetValue(clientId, out Device? known))
        {
            known.Role = role;
            Unlink(known);
            LinkLast(known);
            return false;
        }

        Add(clientId).Role = role;
        _custody.DeviceKnown(clientId);
        return true;
    }

    /// <summary>A device of a recovery.</summary>
    /// <returns>True when it is to be reached from upstream, and there are not too many already.</returns>
    public bool Restore(string clientId, bool isReachable)
    {
        if (_byClient.ContainsKey(clientId) || _byClient.Count >= _limits.KnownDevicesMax)
            return false;
        Add(clientId).IsReachable = isReachable;
        return isReachable;
    }

    /// <summary>All known devices, the one that connected last at the end, with what waits for it.</summary>
    public IEnumerable<(string ClientId, IEnumerable<QueuedMessage> Waiting, bool IsReachable)> InOrder()
    {
        for (Device? device = _first; device is not null; device = device.After)
            yield return (device.ClientId, device.Mailbox?.InOrder() ?? [], device.IsReachable);
    }

    /// <summary>Has a message wait for a device.</summary>
    /// <returns>False when it was dropped: it is larger than a mailbox may be, or all queues together are full.</returns>
    public bool Put(string clientId, in QueuedMessage message)
    {
        if (!_byClient.TryGetValue(clientId, out Device? device))
        {
            device = Add(clientId);
            _custody.DeviceKnown(clientId);
        }

        QueuedMessage held = message;
        if (message.Entry == 0)
        {
            ground.Turn.Gate.Join(_custody.Hold(LedgerClass.Mailbox, clientId, message, out long entry));
            held = message with { Entry = entry };
        }

        device.Mailbox ??= new MessageQueue(DropOwner.Client(clientId), _limits.MailboxMessagesMax, _limits.MailboxBytesMax, budget, _custody, DropReason.MailboxFull);
        return device.Mailbox.Enqueue(held);
    }

    /// <summary>Has messages wait for a device before those that wait for it already, because they are older.</summary>
    public void PutFirst(string clientId, IReadOnlyList<QueuedMessage> older, long nowMs)
    {
        if (older.Count == 0)
            return;
        MessageQueue? newer = TakeMailbox(clientId);
        foreach (QueuedMessage message in older)
            _ = Put(clientId, message);
        while (newer is not null && newer.TryDequeue(nowMs, out QueuedMessage message))
            _ = Put(clientId, message);
    }

    /// <summary>Hands everything that waits for a device to its Session, in order.</summary>
    public void MoveTo(Session session, long nowMs)
    {
        MessageQueue? mailbox = TakeMailbox(session.ClientId);
        while (mailbox is not null && mailbox.TryDequeue(nowMs, out QueuedMessage message))
            _ = session.Enqueue(message);
    }

    private MessageQueue? TakeMailbox(string clientId)
    {
        if (!_byClient.TryGetValue(clientId, out Device? device))
            return null;
        MessageQueue? mailbox = device.Mailbox;
        device.Mailbox = null;
        return mailbox;
    }

    private Device Add(string clientId)
    {
        Device device = new(clientId);
        _byClient.Add(clientId, device);
        LinkLast(device);
        while (_byClient.Count > _limits.KnownDevicesMax)
            Forget(OldestAway(newest: device));
        return device;
    }

    // A device that is connected is not forgotten, however long ago it connected. Those go to the end of the list; when all are, the one that connected first is forgotten.
    private Device OldestAway(Device newest)
    {
        for (int looked = 0; looked < _byClient.Count; looked++)
        {
            Device first = _first!;
            if (first != newest && sessions.Find(first.ClientId) is not { IsConnected: true })
                return first;
            Unlink(first);
            LinkLast(first);
        }

        return _first!;
    }

    private void Forget(Device device)
    {
        Unlink(device);
        _ = _byClient.Remove(device.ClientId);
        device.Mailbox?.Clear(DropReason.P2PTargetUnknown);
        _custody.DeviceForgotten(device.ClientId);
        ClientForgotten?.Invoke(device.ClientId);
    }

    private void LinkLast(Device device)
    {
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
