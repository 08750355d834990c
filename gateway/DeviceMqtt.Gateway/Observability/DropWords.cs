using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>What an operator needs to know of a drop: why, and which setting moves the bound.</summary>
/// <param name="Why">With the bound that was hit.</param>
/// <param name="Settings">Names of settings, for an operator to look up; empty where none would change it.</param>
/// <param name="IsOrdinary">It happens where all is well: a line at Information, not a warning.</param>
internal readonly record struct DropWords(string Why, string Settings = "", bool IsOrdinary = false)
{
    /// <summary>The words for a reason, with the bounds as they are set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A reason without words.</exception>
    public static DropWords For(DropReason reason, GatewayLimits limits) => reason switch
    {
        DropReason.SlowSubscriber => new($"QoS 0, and {limits.OutputBytesMax} bytes wait already because it does not read", "Limits:OutputBytesMax"),
        DropReason.SessionQueueFull => new($"its queue holds {limits.QueueMessagesMax} messages or {limits.QueueBytesMax} bytes, and the oldest goes", "Limits:QueueMessagesMax, Limits:QueueBytesMax"),
        DropReason.AllQueuesFull => new($"all queues together hold {limits.QueueBytesTotalMax} bytes, and the newest goes", "Limits:QueueBytesTotalMax"),
        DropReason.Expired => new("it was older than its publisher, its policy, its rule or the mailbox lets it become", "Policies:MessageExpirySeconds, Relay:Rules:MaxAgeSeconds, Limits:MailboxSecondsMax", IsOrdinary: true),
        DropReason.LargerThanClientAccepts => new("it is larger than the packets that the client takes", "Policies:PacketBytesMax"),
        DropReason.SessionEnded => new($"the Session has ended while it waited: a newer one has begun, or the client was away for too long (3.x: {limits.SessionExpirySecondsMax} s)", "Policies:SessionExpirySeconds, Limits:SessionExpirySecondsMax", IsOrdinary: true),
        DropReason.RetainedFull => new($"{limits.RetainedMessagesMax} messages or {limits.RetainedBytesMax} bytes are retained; it is delivered and not retained", "Limits:RetainedMessagesMax, Limits:RetainedBytesMax"),
        DropReason.P2PTargetAbsent => new("P2P, and that device is not connected; at QoS 1 it waits, unless P2P:Mailbox says otherwise", "P2P:Mailbox, Policies:Mailbox", IsOrdinary: true),
        DropReason.P2PTargetUnknown => new($"P2P, and no such client is known; {limits.KnownDevicesMax} are remembered", "Limits:KnownDevicesMax"),
        DropReason.MailboxFull => new($"its mailbox holds {limits.MailboxMessagesMax} messages or {limits.MailboxBytesMax} bytes, and the oldest goes", "Limits:MailboxMessagesMax, Limits:MailboxBytesMax"),
        DropReason.ReservedTopic => new("topics below $SYS/ and $gw/ are the gateway's to publish, and nobody can subscribe to one below $share/"),
        DropReason.RelayFull => new($"{limits.RelayMessagesMax} messages or {limits.RelayBytesMax} bytes wait for it, and the oldest goes; or there is no memory for it", "Limits:RelayMessagesMax, Limits:RelayBytesMax, Limits:MemoryBytesMax"),
        DropReason.UpstreamAway => new("QoS 0 while the upstream takes none", "Relay:BufferQoS0", IsOrdinary: true),
        DropReason.NotAskedFor => new("the upstream sent what no rule asks for", "Relay:Rules", IsOrdinary: true),
        DropReason.JournalFull => new($"the journal has {limits.JournalBytesMax} bytes, or {limits.JournalFreeBytesMin} are left on the disk", "Limits:JournalBytesMax, Limits:JournalFreeBytesMin"),
        DropReason.Damaged => new("its bytes on the disk cannot be read any more: see devicemqtt journal verify"),
        DropReason.LargerThanUpstreamAccepts => new("it is larger than the packets that the upstream takes"),
        DropReason.UpstreamRefused => new("the upstream has refused it"),
        DropReason.CameBack => new("it has been through this gateway before", IsOrdinary: true),
        DropReason.P2PNotAllowed => new("P2P, and a device may not command devices, nor a monitor anybody", "Security:Roles"),
        DropReason.LargerThanGatewayAccepts => new($"its packet is larger than {limits.PacketBytesMax} bytes", "Limits:PacketBytesMax"),
        DropReason.NotAllowed => new("the rights of its user do not let it be published, or had, there", "Security:Roles"),
        DropReason.AsideFull => new($"the upstream does not take it, and such a message may not be set aside: no more than {limits.RelayAsideMessagesMax} messages and {limits.RelayAsideBytesMax} bytes may", "Limits:RelayAsideMessagesMax, Limits:RelayAsideBytesMax"),
        DropReason.TopicNotForUpstream => new("its topic there would be one that the upstream does not take", "Relay:Profile, Relay:Rules"),
        DropReason.DroppedByOperator => new("an operator had it dropped", IsOrdinary: true),
        DropReason.ClientRefused => new("the client has refused it"),
        DropReason.SenderForged => new("a command whose 'from' is not the client that published it"),
        DropReason.NotDurable => new("its topic is not durable, and the gateway ended while it waited", "Topics:Durable", IsOrdinary: true),
        DropReason.LargerThanJournal => new($"it is larger than what the journal has room for beside all that stays there: the journal has {limits.JournalBytesMax} bytes", "Limits:JournalBytesMax, Limits:PacketBytesMax"),
        DropReason.DeviceElsewhere => new("a gateway below told the presence of a device that is elsewhere by now: it has learned late that the device has left", IsOrdinary: true),
        DropReason.Restored => new("P2P that waited in the backup from which the gateway was restored: it may have been carried out since, or be stale", IsOrdinary: true),
        DropReason.UserGone => new("P2P that waited for a user who was removed, or whose Client Identifier is another user's now", IsOrdinary: true),
        DropReason.GatewayFault => new("a fault of the gateway itself: the log has it"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "a reason without words"),
    };

    /// <summary>The words for a mailbox that is full, with the bounds that are in force for this client, and where they are set.</summary>
    public static DropWords ForMailbox(string clientId, GatewayLimits limits, GroupPolicies policies)
    {
        (GroupPolicy policy, int index) = policies.FindWithIndex(clientId);
        string messages = policy.MailboxMessagesMax is null ? "Limits" : $"Policies:{index}";
        string bytes = policy.MailboxBytesMax is null ? "Limits" : $"Policies:{index}";
        return new DropWords(
            $"its mailbox holds {policy.MailboxMessagesMax ?? limits.MailboxMessagesMax} messages or {policy.MailboxBytesMax ?? limits.MailboxBytesMax} bytes, and the oldest goes",
            $"{messages}:{nameof(policy.MailboxMessagesMax)}, {bytes}:{nameof(policy.MailboxBytesMax)}");
    }

    /// <summary>Of its lines.</summary>
    public LogLevel Level => IsOrdinary ? LogLevel.Information : LogLevel.Warning;

    /// <summary>As a sentence goes on.</summary>
    public override string ToString() => Settings.Length == 0 ? Why : $"{Why} ({Settings})";
}
