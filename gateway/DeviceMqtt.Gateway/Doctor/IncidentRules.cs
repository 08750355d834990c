using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What went wrong of late, as the broker told it, in sentences.</summary>
internal static class IncidentRules
{
    private const long HourMs = 3_600_000;
    private const int RefusalsMin = 3;

    /// <param name="incident">What happened.</param>
    /// <param name="nowMs">In monotonic milliseconds.</param>
    /// <param name="nowUnixMs">The same by the clock, in milliseconds since 1970: what is shown is told of that, since the clock may not have been set when it happened.</param>
    public static Note? Look(Incident incident, long nowMs, long nowUnixMs)
    {
        if (nowMs - incident.LastMs > HourMs)
            return null; // the cause is gone
        string who = incident.Subject;
        long count = incident.Count;
        // Of a message that is gone nobody may know its topic.
        string lastOn = incident.Detail.Length > 0 ? $", the last on {incident.Detail}" : "";
        string said = incident.Detail.Length > 0 ? $": {incident.Detail}" : "";
        Note? note = incident.Kind switch
        {
            IncidentKind.MalformedConnect => Make(NoteLevel.Warn, $"{who} sends a malformed CONNECT.", $"{Times(count)}{said}. nanoFramework before March 2026 does so when it has a Will.", "Update the firmware of that board."),
            IncidentKind.TlsOnPlainPort => Make(NoteLevel.Warn, $"{who} speaks TLS to a port without TLS.", $"{Times(count)} the first bytes were a TLS handshake.", "Use mqtts:// with the TLS port, or turn TLS off in that client."),
            IncidentKind.PlainOnTlsPort => Make(NoteLevel.Warn, $"{who} speaks without TLS to a port with TLS.", $"{Times(count)} it began with a plain MQTT or HTTP request.", "Turn TLS on in that client (mqtts://, https://), or use the port without TLS."),
            IncidentKind.HttpOnMqttPort => Make(NoteLevel.Info, $"{who} speaks HTTP to a port for MQTT.", $"{Times(count)} the first bytes were an HTTP request.", "Use the HTTP address of the gateway for pages and WebSockets."),
            IncidentKind.NoConnect when count >= RefusalsMin => Make(NoteLevel.Info, $"{who} connects and says nothing.", $"{Times(count)} no CONNECT came in time.", "Look what runs there: a port scan, a health check, or a client that is stuck."),
            IncidentKind.NotAuthorized when count >= RefusalsMin => Make(NoteLevel.Warn, $"{who} is refused again and again.", $"{Times(count)}{said}.", "Write the right user name and password to that client; for a board: add it again and flash it."),
            IncidentKind.ClientIdRejected => Make(NoteLevel.Warn, $"{who} has an id that is not allowed.", $"{Times(count)}{said}.", "Give it a Client Identifier without + # and control characters."),
            IncidentKind.OutputStalled => Make(NoteLevel.Warn, $"“{who}” does not read.", $"{Times(count)} closed{said}.", "Restart its program, or look at its network."),
            IncidentKind.BadPacket => Make(NoteLevel.Warn, $"“{who}” sends packets that are not allowed.", $"{Times(count)} closed{said}.", "Update its MQTT library."),
            IncidentKind.QueueFull => Make(NoteLevel.Bad, $"“{who}” loses messages.", $"{Counted.Were(count)} dropped because too many waited for it{lastOn}.", "Have it read faster or subscribe to less, or raise Limits:QueueMessagesMax and Limits:QueueBytesMax (QoS 1 and 2), Limits:OutputBytesMax (QoS 0): the log says which."),
            IncidentKind.MailboxFull => Make(NoteLevel.Bad, $"The mailbox of “{who}” is full.", $"{Counted.Were(count, "command")} dropped, the oldest first.", "Wake the device, or send it less while it is away."),
            IncidentKind.NotAllowed => Make(NoteLevel.Warn, $"“{who}” publishes where it may not.", $"{Counted.Were(count, "message")} dropped{lastOn}.", "Correct its topic; a device publishes below its own name."),
            IncidentKind.P2PNotAllowed => Make(NoteLevel.Warn, $"“{who}” tries to command a device.", $"{Times(count)}{lastOn}. A device may not.", "Give it the role operator if it is to command."),
            IncidentKind.SenderForged => Make(NoteLevel.Bad, $"“{who}” sends commands in the name of another.", $"{Times(count)}{lastOn}: the 'from' of the command is not its own Client Identifier. They were dropped.", "Correct its program; if you do not know it, take its user away and look at audit.log."),
            IncidentKind.TargetUnknown => Make(NoteLevel.Info, $"Commands go to “{who}”, which nobody is.", $"{Counted.Were(count)} dropped: no client of that id was ever here.", "Correct the id in the topic, or connect the device once."),
            IncidentKind.UpstreamDropped => Make(NoteLevel.Bad, $"Messages for the upstream “{who}” were dropped.", $"{Counted.Number(count)}{lastOn}.", "See Relay for the backlog; raise Limits:RelayMessagesMax and Limits:RelayBytesMax, or bring the upstream back."),
            IncidentKind.AsideFull => Make(NoteLevel.Bad, $"Messages that the upstream “{who}” does not take were dropped.", $"{Counted.Number(count)}{lastOn}: such messages may not be set aside for it.", "Look at those under Relay and try them again or drop them; raise Limits:RelayAsideMessagesMax and Limits:RelayAsideBytesMax."),
            IncidentKind.RetainedFull => Make(NoteLevel.Bad, "No room for more retained messages.", $"{Counted.Were(count)} delivered and not kept{lastOn}.", "Remove retained messages that nobody needs under Messages, or raise Limits:RetainedMessagesMax and Limits:RetainedBytesMax."),
            IncidentKind.JournalFull => Make(NoteLevel.Bad, "The journal had no room for messages.", $"{Counted.Were(count)} refused.", "Bring the upstream or the absent clients back, or raise Limits:JournalBytesMax; free space on the disk where that is short (Limits:JournalFreeBytesMin)."),
            IncidentKind.AllQueuesFull => Make(NoteLevel.Bad, "All queues together are full.", $"{Counted.Were(count, "message")} dropped, the newest first{lastOn}.", "Look under Health, Clients for whom most waits, and bring them back or end their sessions, or raise Limits:QueueBytesTotalMax."),
            IncidentKind.Damaged => Make(NoteLevel.Bad, $"Messages for “{who}” cannot be read from the disk any more.", $"{Counted.Were(count)} accepted and are lost{lastOn}.", "Run 'devicemqtt journal verify', look at the log and at the disk, and replace the SD card."),
            IncidentKind.UpstreamRefused => Make(NoteLevel.Warn, $"The upstream “{who}” does not take all messages.", $"{Counted.Were(count)} dropped{lastOn}: too large for it, a topic that it cannot have, or it refused them. The log says which.", "Look at the rights of the gateway's user there, at the size of the messages, and at Relay:Rules."),
            IncidentKind.LargerThanClient => Make(NoteLevel.Warn, $"Messages are too large for “{who}”.", $"{Counted.Were(count)} dropped{lastOn}: it takes smaller packets only.", "Have it subscribe to less, or raise its Maximum Packet Size or Policies:PacketBytesMax."),
            IncidentKind.ClientRefused => Make(NoteLevel.Warn, $"“{who}” refuses messages.", $"It answered {Counted.Number(count)} with an error{lastOn}. What it refuses does not come again.", "Look at the log of that program."),
            IncidentKind.LargerThanJournal => Make(NoteLevel.Bad, "Messages are larger than the journal has room for.", $"{Counted.Number(count)} for “{who}” {(count == 1 ? "was" : "were")} not kept{lastOn}.", "Send smaller messages, or raise Limits:JournalBytesMax."),
            IncidentKind.LargerThanGateway => Make(NoteLevel.Warn, $"“{who}” sends messages that are larger than the gateway takes.", $"{Counted.Were(count)} dropped{lastOn}.", "Send smaller messages, or raise Limits:PacketBytesMax."),
            IncidentKind.SubscriptionRefused => Make(NoteLevel.Warn, $"“{who}” does not get all that it subscribes to.", $"{(count == 1 ? "A subscription was" : $"{Counted.Number(count)} subscriptions were")} refused, the last {incident.Detail}.", "Have it subscribe to what its user may have, or give that user a role that may have more; where there are too many, raise Limits:SubscriptionsPerSessionMax."),
            IncidentKind.GatewayFault => Make(NoteLevel.Bad, "A fault of the gateway kept messages from their subscribers.", $"{Counted.Were(count)} not delivered{lastOn}. Everything else goes on.", "The log has the fault: please report it."),
            IncidentKind.BridgeNotAllowed => Make(NoteLevel.Warn, $"“{who}” says it is a gateway, and has no such role.", "It is served as an ordinary client: commands for its devices do not get there.", "Give its user the role bridge."),
            _ => null,
        };
        return note;

        long UnixMs(long ms) => Math.Max(0, nowUnixMs - (nowMs - ms));

        Note Make(NoteLevel level, string title, string text, string todo) =>
            new(RuleOf(incident.Kind), level, who, title, text, todo) { FirstUnixMs = UnixMs(incident.FirstMs), LastUnixMs = UnixMs(incident.LastMs), Count = count, IsOfGateway = who.Length == 0 || incident.Kind is IncidentKind.UpstreamDropped or IncidentKind.AsideFull or IncidentKind.UpstreamRefused or IncidentKind.LargerThanGateway };
    }

    // The journal that is full now has a note of its own, journal-full: this one is of what it did not take.
    private static string RuleOf(IncidentKind kind) => kind == IncidentKind.JournalFull ? "journal-refused" : string.Concat(kind.ToString().Select(static (c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));

    private static string Times(long count) => count == 1 ? "Once" : $"{Counted.Number(count)} times";
}
