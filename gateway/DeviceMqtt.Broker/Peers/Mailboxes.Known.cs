using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <content>Which devices are known, whose they are, and which are forgotten.</content>
internal sealed partial class Mailboxes
{
    /// <summary>Remembers a client that has connected as a device that messages may wait for.</summary>
    /// <param name="clientId">Its Client Identifier.</param>
    /// <param name="role">What it may do.</param>
    /// <param name="owner">Whose share it takes.</param>
    /// <param name="user">Who has it let in. What waits there for another user is dropped.</param>
    /// <returns>True when it was not known before.</returns>
    public bool Remember(string clientId, ClientRole? role, Owner owner, in UserIdentity user)
    {
        if (_byClient.TryGetValue(clientId, out KnownDevice? known))
        {
            LeaveNothing(known, user);
            if (known.User != user)
                _custody.DeviceKnown(clientId, user); // behind what it leaves: after a crash in between nobody else has that either
            known.User = user;
            SetRole(known, role);
            if (known.Owner == owner)
                _order.Came(known);
            else
                MoveTo(known, owner);
            return false;
        }

        KnownDevice device = Add(clientId, owner, user);
        _custody.DeviceKnown(clientId, user);
        SetRole(device, role);
        _order.Came(device);
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
        if (_byClient.TryGetValue(clientId, out KnownDevice? device) && sessions.Find(clientId) is not { IsConnected: true } && ground.IsGone(clientId, device.User))
            Forget(device, DropReason.UserGone);
    }

    /// <summary>An operator has a device forgotten that is away: what waits in its mailbox is dropped, and its senders are told. Its Session has ended before, and has left nothing.</summary>
    public void ForgetAway(string clientId)
    {
        if (_byClient.TryGetValue(clientId, out KnownDevice? device) && sessions.Find(clientId) is not { IsConnected: true })
            Forget(device, DropReason.DroppedByOperator);
    }

    // A device that has gone over to another user, who gets nothing of what there was.
    private void LeaveNothing(KnownDevice device, in UserIdentity user)
    {
        if (!device.User.IsOther(user))
            return;
        device.Mailbox?.Clear(DropReason.UserGone);
        ground.Births.Forget(device.ClientId);
    }

    private bool IsOfOther(string clientId, in UserIdentity user) => _byClient.TryGetValue(clientId, out KnownDevice? device)
        ? user.IsOther(device.User) : sessions.Find(clientId) is { } session && user.IsOther(session.User);

    private KnownDevice Add(string clientId, Owner owner, in UserIdentity user)
    {
        MakeRoom(clientId, owner);
        KnownDevice device = new(clientId, owner) { User = user };
        _byClient.Add(clientId, device);
        Count(device, 1);
        _order.Left(device);
        return device;
    }

    // One goes for one that comes, of its own owner where that has its share. Where memory is used up, it may be others', for other things: no more go than take what the newcomer does.
    private void MakeRoom(string clientId, Owner owner)
    {
        int bytes = MemoryCost.Device(clientId);
        int given = owner[Good.Devices].HasRoomFor(1) ? 0 : ForgetOne(owner, isOfOwner: owner[Good.Devices].Left < 1);
        for (int more = 1; given < bytes && more > 0 && !owner[Good.Memory].HasRoomFor(bytes); given += more)
            more = ForgetOne(owner, isOfOwner: owner[Good.Memory].Left < bytes);
    }

    // How much memory that gives; 0 where there is none to forget.
    private int ForgetOne(Owner owner, bool isOfOwner)
    {
        if ((isOfOwner ? _order.FirstOf(owner) : _order.First) is not { } first)
            return 0;
        Forget(first, DropReason.P2PTargetUnknown);
        if (first.Owner != owner)
            ground.Owners.ForgetIfIdle(first.Owner);
        return MemoryCost.Device(first.ClientId);
    }

    private void Forget(KnownDevice device, DropReason reason)
    {
        _order.Remove(device);
        Count(device, -1);
        _ = _byClient.Remove(device.ClientId);
        if (sessions.Find(device.ClientId) is { } session)
            session.Mailbox = null;
        device.Mailbox?.Clear(reason);
        _custody.DeviceForgotten(device.ClientId);
        ClientForgotten?.Invoke(device.ClientId);
    }

    private void MoveTo(KnownDevice device, Owner owner)
    {
        Count(device, -1);
        _order.CameAs(device, owner);
        Count(device, 1);
        device.Mailbox?.MoveTo(owner);
    }

    private static void Count(KnownDevice device, int sign)
    {
        device.Owner[Good.Devices].Take(sign);
        device.Owner[Good.Memory].Take(sign * MemoryCost.Device(device.ClientId));
    }
}
