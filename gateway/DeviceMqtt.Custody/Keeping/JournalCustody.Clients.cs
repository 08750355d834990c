using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Keeping;

/// <content>Sessions, devices and Wills.</content>
internal sealed partial class JournalCustody
{
    // ---- Sessions

    public Kept SessionBegan(string clientId, in UserIdentity user, uint expirySeconds, bool isBridge)
    {
        new SessionRecord(clientId, expirySeconds, isBridge, user).Write(_record);
        return Append(_record);
    }

    public void SessionLeft(string clientId, uint expirySeconds)
    {
        if (_journal is null || (!Time.IsWritten && WriteClock() == AppendResult.Full))
            return; // no room even in the reserve: after a crash it has its whole time again
        _record.Start(RecordKind.SessionLeft).Add(clientId).Add(ground.Clock.ToUnixMs(_turn.NowMs)).Add((long)expirySeconds).Add(ground.Running.Of(_turn.NowMs));
        AppendLazily(_record);
    }

    public Kept SessionEnded(string clientId) => Append(_record.Start(RecordKind.SessionEnded).Add(clientId));

    public Kept Subscribed(Subscription subscription, long? owedUpTo) => Append(SubscriptionRecord.Of(subscription, owedUpTo).Write(_record));

    public Kept RetainedGiven(Subscription subscription, long number) =>
        Append(_record.Start(RecordKind.RetainedGiven).Add(subscription.Subscriber.ClientId).Add(subscription.Filter.Value).Add(number));

    public void RetainedAllGiven(Subscription subscription) =>
        AppendLazily(_record.Start(RecordKind.RetainedAllGiven).Add(subscription.Subscriber.ClientId).Add(subscription.Filter.Value));

    public Kept Unsubscribed(string clientId, TopicFilter filter) => Append(_record.Start(RecordKind.Unsubscribed).Add(clientId).Add(filter.Value));

    public Kept UpstreamInboundOpened(string upstream, ushort packetId, uint content) => InboundOpened(InboundOwner.OfUpstream(upstream), packetId, content);

    public Kept UpstreamInboundClosed(string upstream, ushort packetId) => InboundClosed(InboundOwner.OfUpstream(upstream), packetId);

    // Versions before pass over the content.
    public Kept InboundOpened(string owner, ushort packetId, uint content) => Append(_record.Start(RecordKind.InboundOpened).Add(owner).Add((long)packetId).Add((long)content));

    public Kept InboundClosed(string owner, ushort packetId) => Append(_record.Start(RecordKind.InboundClosed).Add(owner).Add((long)packetId));

    // A Sent of no entry, which versions before pass over.
    public void GivenUp(in DropOwner peer, ushort packetId, bool isOpen)
    {
        if (_journal is not null)
            AppendLazily(GivenUpRecord.Write(_record, InboundOwner.Of(peer), packetId, isOpen));
    }

    public Kept BeganAnew(in DropOwner peer, string where = "") => Append(RestoredRecord.Write(_record, RestoredRecord.BeganAnew, RestoredRecord.TextOf(peer, where)));

    // Of the restore that the journal has no room to say yet, not even in the reserve. Nothing that a start would take for the backup's gets to the disk before it; null when nothing is owed.
    private string? _owedRestore;

    /// <summary>The name of the last restore; null when there was none.</summary>
    public string? Restore { get; set; }

    /// <summary>The journal has not said yet that it is that of a backup, for want of room: nothing is kept until it has.</summary>
    public bool OwesRestore => _owedRestore is not null;

    /// <summary>Where the journal says of which restore it is; 0 when that was there before.</summary>
    public long RestoredAt { get; private set; }

    /// <summary>All that the journal has is the state of a backup. Without room for that it is owed, and said before anything else is.</summary>
    public Kept Restored(string restore)
    {
        _owedRestore = restore;
        return SayRestored();
    }

    /// <summary>Says it where it is owed and there is room now.</summary>
    public Kept SayRestored()
    {
        if (_owedRestore is not { } restore)
            return Kept.NotNeeded;
        _owedRestore = null;
        Kept said = Append(RestoredRecord.Write(new RecordWriter(), RestoredRecord.Restored, restore)); // another record may be written already, which this goes before
        if (said.IsOnDisk)
            RestoredAt = said.Position;
        else
            _owedRestore = restore;
        return said;
    }

    // ---- Devices and Wills

    public void DeviceKnown(string clientId, in UserIdentity user) => AppendLazily(_record.Start(RecordKind.DeviceKnown).Add(clientId).AddUser(user));

    public void RoleIs(string clientId, ClientRole role) => AppendLazily(_record.Start(RecordKind.RoleIs).Add(clientId).Add((byte)role));

    public void DeviceReachable(string clientId) => AppendLazily(_record.Start(RecordKind.DeviceReachable).Add(clientId));

    public void DeviceForgotten(string clientId) => AppendLazily(_record.Start(RecordKind.DeviceForgotten).Add(clientId));

    // One record, so that all of it is said or nothing. Versions before pass over what is behind the Client Identifier, and have to be told of the Session.
    public Kept ClientForgotten(string clientId)
    {
        using FrameOfPacket frameOnDisk = new(this);
        Kept kept = Append(_record.Start(RecordKind.DeviceForgotten).Add(clientId).Add(true));
        if (!kept.IsNoRoom)
            SessionEnded(clientId).ForNobody(); // the record before says the same: this one is for older versions
        return kept;
    }

    public Kept WillIs(in ClientIdentity client, WillMessage? will)
    {
        if (_journal is null || (will is null && !_wills.ContainsKey(client.ClientId)))
            return Kept.NotNeeded;
        WillRecord record = will is null ? default : new(client, will);
        if (will is null)
            _ = _record.Start(RecordKind.WillGone).Add(client.ClientId);
        else
            record.Write(_record);
        Kept saved = Append(_record);
        if (saved.IsFailed)
            _turn.Gate.Join(saved);
        if (saved.IsNoRoom)
            return saved;
        if (will is null)
            _ = _wills.Remove(client.ClientId);
        else
            _wills[client.ClientId] = record;
        return saved;
    }
}
