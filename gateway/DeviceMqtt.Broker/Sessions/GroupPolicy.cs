using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>
/// What a group of Client Identifiers gets from the gateway that 3.1.1 has no words for: section <c>Policies</c>, a list, of
/// which the first that matches counts. The first three are for 3.x clients, a 5.0 client says them itself; the last two
/// bound clients of every version.
/// </summary>
internal sealed class GroupPolicy
{
    /// <summary>Client Identifiers, with <c>*</c> for any characters and <c>?</c> for one: <c>GID_kitchen@@@*</c>.</summary>
    public string Match { get; set; } = "";

    /// <summary>Seconds that a Session with Clean Session 0 outlives its connection.</summary>
    public uint? SessionExpirySeconds { get; set; }

    /// <summary>Seconds after which a message of such a client is not delivered any more.</summary>
    public uint? MessageExpirySeconds { get; set; }

    /// <summary>
    /// Seconds between the end of the connection and the Will. A client that is back in time was never away: a grace window
    /// against presence that flickers with the Wi-Fi. It counts for clean Sessions too.
    /// </summary>
    public uint? WillDelaySeconds { get; set; }

    /// <summary>
    /// Seconds for which a client that is lost is shown as online on <c>$gw/presence/</c> all the same, if it is not back before: for clients of
    /// every version. As <see cref="WillDelaySeconds"/> for 3.x clients when not given.
    /// </summary>
    public uint? PresenceGraceSeconds { get; set; }

    /// <summary>For whom of the group P2P messages wait; as <c>P2P:Mailbox</c> when not given.</summary>
    public MailboxKind? Mailbox { get; set; }

    /// <summary>P2P messages that wait for one of the group, 1 or more; as <see cref="GatewayLimits.MailboxMessagesMax"/> when not given.</summary>
    public int? MailboxMessagesMax { get; set; }

    /// <summary>Bytes of them, 256 or more; as <see cref="GatewayLimits.MailboxBytesMax"/> when not given.</summary>
    public int? MailboxBytesMax { get; set; }

    /// <summary>Seconds that they wait at most, 1 or more; as <see cref="GatewayLimits.MailboxSecondsMax"/> when not given.</summary>
    public int? MailboxSecondsMax { get; set; }

    /// <summary>QoS 1 and 2 messages in flight to the client.</summary>
    public int? InflightMax { get; set; }

    /// <summary>Bytes of the largest packet the client is sent: nanoFramework's allocates whatever length it is told.</summary>
    public int? PacketBytesMax { get; set; }

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check(int index)
    {
        if (Match.Length == 0)
            return $"Policies:{index}:Match is empty; it must be a pattern for Client Identifiers, like GID_kitchen@@@*";
        if (InflightMax is < 1 or > 16_000)
            return $"Policies:{index}:InflightMax is {InflightMax}; it must be between 1 and 16000";
        if (MailboxMessagesMax is < 1 or > 1_000_000)
            return $"Policies:{index}:MailboxMessagesMax is {MailboxMessagesMax}; it must be between 1 and 1000000";
        if (MailboxBytesMax is < 256)
            return $"Policies:{index}:MailboxBytesMax is {MailboxBytesMax}; it must be 256 or more";
        if (MailboxSecondsMax is < 1)
            return $"Policies:{index}:MailboxSecondsMax is {MailboxSecondsMax}; it must be 1 or more";
        return PacketBytesMax is < 64 ? $"Policies:{index}:PacketBytesMax is {PacketBytesMax}; it must be 64 or more" : null;
    }
}
