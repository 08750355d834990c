using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <content>Which devices are known, whose they are, and which are forgotten.</content>
internal sealed partial class Mailboxes
{
    /// <summary>Remembers a client that connects as a device that messages may wait for.</summary>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="role">What it may do.</param>
    /// <param name="owner">Whose share it takes.</param>
    /// <param name="user">Who has it let in. What waits there for another user is dropped.</param>
    /// <returns>True when it was not known before.</returns>
    public bool Remember(string clientId, ClientRole? role, Owner owner, in UserIdentity user)
    {
        if (_byClient.TryGetValue(clientId, out Device? known))
        {
            LeaveNothing(known, user);
            if (known.User != user)
                _custody.DeviceKnown(clientId, user); // behind what it leaves: after a crash in between nobody else has that either
            known.User = user;
            SetRole(known, role);
            Unlink(known);
            MoveTo(known, owner);
            LinkLast(known);
            return false;
        }

        Device device = Add(clientId, owner, user);
        _custody.DeviceKnown(clientId, user);
        SetRole(device, role);
        return true;
    }

    /// <summary>A device of a recovery.</summary>
    /// <returns>True when it is to be reached from upstream, and there are not too many already.</returns>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="owner">Whose share it takes.</param>
    /// <param name="user">Who had it let in the last time.</param>
    /// <param name="isReachable">It is to be reached from upstream.</param>
    public bool Restore(string clientId, Owner owner, in UserIdentity user, bool isReachable)
    {
        if (_byClient.ContainsKey(clientId) || _byClient.Count >= _limits.KnownDevicesMax)
            return false;
        Add(clientId, owner, user).IsReachable = isReachable;
        return isReachable;
    }

    /// <summary>All of them, by Client Identifier, as they are now.</summary>
    public string[] Known => [.. _byClient.Keys];

    /// <summary>
    /// The user of a device may not be there any more: then nobody gets what waits for it, and nothing more waits. While the client is connected it is left
    /// alone: its connection is being ended, or another user has it already.
    /// </summary>
    public void ForgetIfGone(string clientId)
    {
        if (_byClient.TryGetValue(clientId, out Device? device) && sessions.Find(clientId) is not { IsConnected: true } && ground.IsGone(clientId, device.User))
            Forget(device, DropReason.UserGone);
    }

    /// <summary>An operator has a device forgotten that is away: what waits in its mailbox is dropped, and its senders are told. Its Session has ended before, and has left nothing.</summary>
    public void ForgetAway(string clientId)
    {
        if (_byClient.TryGetValue(clientId, out Device? device) && sessions.Find(clientId) is not { IsConnected: true })
            Forget(device, DropReason.DroppedByOperator);
    }

    // A device that has gone over to another user, who gets nothing of what there was.
    private void LeaveNothing(Device device, in UserIdentity user)
    {
        if (!device.User.IsOther(user))
            return;
        device.Mailbox?.Clear(DropReason.UserGone);
        ground.Births.Forget(device.ClientId);
    }

    private bool IsOfOther(string clientId, in UserIdentity user) => _byClient.TryGetValue(clientId, out Device? device)
        ? user.IsOther(device.User) : sessions.Find(clientId) is { } session && user.IsOther(session.User);

    private Device Add(string clientId, Owner owner, in UserIdentity user)
    {
        while (WhoseIsToGo(clientId, owner) is { } from && OldestAway(from) is { } oldest)
            Forget(oldest, DropReason.P2PTargetUnknown);
        Device device = new(clientId, owner) { User = user };
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

    private void Forget(Device device, DropReason reason)
    {
        Unlink(device);
        Count(device, -1);
        _ = _byClient.Remove(device.ClientId);
        if (sessions.Find(device.ClientId) is { } session)
            session.Mailbox = null;
        device.Mailbox?.Clear(reason);
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
