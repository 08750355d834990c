namespace DeviceMqtt.Broker.Words;

/// <summary>
/// Every bound of the gateway, in one place. All are finite, all are checked at start (<see cref="Check"/>), and what
/// runs into one is counted under a reason. The defaults fit a Raspberry Pi with 512 MB.
/// Set with <c>--set Limits:NAME=value</c>; gateway/docs/limits.md says what happens at each.
/// </summary>
public sealed class GatewayLimits
{
    /// <summary>Open network connections. 10,000 at the measured 6 KB each are 60 MB.</summary>
    public int ConnectionsMax { get; set; } = 10_000;

    /// <summary>
    /// Bytes of memory that everything may take that clients make the gateway keep, and what the gateway has beside for it; 0 for half of what the
    /// machine, the cgroup or the limit of the runtime gives the process, at most 1 GiB.
    /// </summary>
    public long MemoryBytesMax { get; set; }

    /// <summary>Bytes of memory for what one client makes the gateway keep, beside one packet and its output: filters, aliases, its Will, what is in flight.</summary>
    public int ConnectionMemoryBytesMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Percent of what all share that one user may have, or one address where there is no user: memory, connections, Sessions, known devices,
    /// retained messages, queues, and the time in which packets are handled. The last tenth is for those who have next to nothing.
    /// </summary>
    public int SharePercentMax { get; set; } = 25;

    /// <summary>The same for users with the role of an operator, and for clients that have it because they are on this machine. They get at the last tenth, too.</summary>
    public int OperatorSharePercentMax { get; set; } = 100;

    /// <summary>The same for gateways below this one.</summary>
    public int BridgeSharePercentMax { get; set; } = 50;

    /// <summary>Connections whose CONNECT is not accepted yet, among the open ones. Beyond, and beyond its share for an address, the oldest of them ends for the newest.</summary>
    public int HalfOpenConnectionsMax { get; set; } = 1_000;

    /// <summary>Open HTTP connections that are no WebSockets: those count as network connections. Chosen: a few pages, and probes.</summary>
    public int HttpConnectionsMax { get; set; } = 100;

    /// <summary>Bytes of the largest packet that MQTT allows: 256 MB is what four length bytes can say (section 2.1.4).</summary>
    internal const int MqttPacketBytesMax = 268_435_460;

    /// <summary>Bytes of one MQTT packet, fixed header included. 1 MiB: a camera picture fits, a mistaken length does not.</summary>
    public int PacketBytesMax { get; set; } = 1024 * 1024;

    /// <summary>Bytes of the first packet, before anybody is authenticated: all five CONNECT fields at a quarter of their 64 KB.</summary>
    public int ConnectPacketBytesMax { get; set; } = 80 * 1024;

    /// <summary>Seconds from the accepted connection to its CONNECT packet.</summary>
    public int ConnectSecondsMax { get; set; } = 10;

    /// <summary>TLS handshakes under way. Chosen: a site whose boards all come back at once; some 30 KB each. One address has a quarter of it.</summary>
    public int HandshakesMax { get; set; } = 1_000;

    /// <summary>Seconds from the accepted connection to the end of its TLS handshake, or of its PROXY header. Chosen: an ESP32 takes two or three.</summary>
    public int HandshakeSecondsMax { get; set; } = 15;

    /// <summary>Milliseconds that a CONNECT waits, at most, for what an older connection with its Client Identifier had sent; 0 for not at all.</summary>
    public int TakeOverMs { get; set; } = 1_000;

    /// <summary>Logins that wait to be worked out, outside the turn. Chosen: a site whose boards all come back at once. One address has a quarter of it.</summary>
    public int LoginsWaitingMax { get; set; } = 1_000;

    /// <summary>Logins that were right, and are not worked out again while the process runs; 150 bytes each.</summary>
    public int LoginsRememberedMax { get; set; } = 20_000;

    /// <summary>Addresses, and user names, whose wrong passwords are counted; 32 bytes each. Beyond, counting starts anew.</summary>
    public int LoginFailuresMax { get; set; } = 10_000;

    /// <summary>Milliseconds that a login waits, at most, after wrong passwords of its address or for its user name.</summary>
    public int LoginDelayMsMax { get; set; } = 4_000;

    /// <summary>Seconds of Keep Alive that 5.0 clients with a longer one, or none, are told to use; 0 leaves each its own.</summary>
    public int KeepAliveSecondsMax { get; set; }

    /// <summary>Seconds that output may stand still on a connection that is not read by its client, before it is closed.</summary>
    public int OutputStallSecondsMax { get; set; } = 60;

    /// <summary>Seconds that may pass without more of a packet that is not whole, before the connection is closed, whatever its Keep Alive. Below 100 bytes a second its bytes count less.</summary>
    public int PacketStallSecondsMax { get; set; } = 60;

    /// <summary>Bytes of UTF-8 in a Client Identifier. The specification allows 65,535; ours end up in topics and in the log.</summary>
    public int ClientIdBytesMax { get; set; } = 1024;

    /// <summary>Levels in a Topic Name or Topic Filter. Bounds the recursion of the topic tree; mosquitto has 200.</summary>
    public int TopicLevelsMax { get; set; } = 128;

    /// <summary>Topic Filters that one Session may hold.</summary>
    public int SubscriptionsPerSessionMax { get; set; } = 1_000;

    /// <summary>
    /// Topic Filters of shared subscriptions that all Sessions of one user, or of one address where there is no user, may have together. Each is a delivery of its own of whatever it
    /// matches. Operators and gateways below are not bounded by it. Chosen: more than any program with workers has.
    /// </summary>
    public int SharedFiltersPerUserMax { get; set; } = 100;

    /// <summary>Sessions in memory, connected and absent ones together.</summary>
    public int SessionsMax { get; set; } = 20_000;

    /// <summary>Seconds that the Session of an absent client is kept: 7 days, also for 3.1.1 where the specification names no end.</summary>
    public int SessionExpirySecondsMax { get; set; } = 7 * 24 * 3600;

    /// <summary>QoS 1 and 2 messages sent to one client and not yet acknowledged. The client's Receive Maximum may lower it.</summary>
    public int InflightMax { get; set; } = 1_000;

    /// <summary>Bytes of them that are kept in memory for a Session that may come back, counted as in <see cref="QueueBytesMax"/>; one message always fits.</summary>
    public int InflightBytesMax { get; set; } = 2 * 1024 * 1024;

    /// <summary>QoS 2 messages of one 5.0 client that wait for its PUBREL, which it is told as Receive Maximum; of a 3.x client all 65,535 may.</summary>
    public int ReceiveMaximum { get; set; } = 1_000;

    /// <summary>Topic aliases that a 5.0 client may define on one connection.</summary>
    public int TopicAliasMaximum { get; set; } = 64;

    /// <summary>Messages that wait for one Session; the oldest is dropped for the newest. As many as <see cref="QueueBytesMax"/> holds of the smallest: what bounds is bytes.</summary>
    public int QueueMessagesMax { get; set; } = 200_000;

    /// <summary>
    /// Bytes that wait for one Session: payload, 5.0 properties, three times the Topic Name, and 176 a message. Half of <see cref="QueueBytesTotalMax"/>: a client that
    /// is away loses nothing while there is room, and cannot take all of it.
    /// </summary>
    public int QueueBytesMax { get; set; } = 32 * 1024 * 1024;

    /// <summary>Bytes that wait for all Sessions together, counted as in <see cref="QueueBytesMax"/>.</summary>
    public long QueueBytesTotalMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>Payload bytes of waiting messages in memory: those of Sessions, mailboxes and the relay. Beyond, they wait on the disk alone; reading them costs little.</summary>
    public long WaitingMemoryBytesMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>Milliseconds that a publisher is held back because a subscriber of its messages has a queue half full.</summary>
    public int PublisherPauseMs { get; set; } = 1_000;

    /// <summary>Bytes written to one connection and not yet taken by the network. Beyond, QoS 0 is dropped, QoS 1 and 2 wait in the queue.</summary>
    public int OutputBytesMax { get; set; } = 1024 * 1024;

    /// <summary>P2P messages that wait for one device; the oldest is dropped for the newest.</summary>
    public int MailboxMessagesMax { get; set; } = 1_000;

    /// <summary>Bytes of them, counted as in <see cref="QueueBytesMax"/>: a thousand of the longest commands and more.</summary>
    public int MailboxBytesMax { get; set; } = 2 * 1024 * 1024;

    /// <summary>Seconds that a P2P message waits for its device at most: 7 days, which is what a command that configures is good for.</summary>
    public int MailboxSecondsMax { get; set; } = 7 * 24 * 3600;

    /// <summary>Seconds after which a command that its device has not answered does not hold back the next one any more.</summary>
    public int CommandAnswerSecondsMax { get; set; } = 10;

    /// <summary>Client Identifiers remembered as devices that P2P messages may wait for.</summary>
    public int KnownDevicesMax { get; set; } = 20_000;

    /// <summary>P2P messages that wait or are in flight, and whose sender is to have a receipt for what becomes of them; 200 bytes each.</summary>
    public int ReceiptsPendingMax { get; set; } = 10_000;

    /// <summary>Retained Messages.</summary>
    public int RetainedMessagesMax { get; set; } = 20_000;

    /// <summary>Bytes of all Retained Messages, as those of a queue, with 352 for each level of their topics.</summary>
    public long RetainedBytesMax { get; set; } = 32 * 1024 * 1024;

    /// <summary>Topic Names whose subscribers are remembered between two messages.</summary>
    public int RouteCacheMax { get; set; } = 10_000;

    /// <summary>Bytes that they take, with those subscribers.</summary>
    public int RouteCacheBytesMax { get; set; } = 16 * 1024 * 1024;

    /// <summary>Subscriptions of a gateway below this one, which has one for each of its devices, and of an operator: Home Assistant has several for each board. Chosen as <see cref="KnownDevicesMax"/> is.</summary>
    public int BridgeSubscriptionsMax { get; set; } = 10_000;

    /// <summary>Messages that wait for the upstream.</summary>
    public int RelayMessagesMax { get; set; } = 500_000;

    /// <summary>Payload bytes that wait for the upstream.</summary>
    public int RelayBytesMax { get; set; } = 128 * 1024 * 1024;

    /// <summary>
    /// Bytes of the journal on disk, with its spare segments and snapshots: all that this gateway takes of the disk. What the queues, the
    /// retained messages and the backlogs of two upstreams may hold by their defaults fits three quarters of it.
    /// </summary>
    public long JournalBytesMax { get; set; } = 512 * 1024 * 1024;

    /// <summary>
    /// Percent of <see cref="JournalBytesMax"/> that <see cref="QueueBytesTotalMax"/>, <see cref="RetainedBytesMax"/> and
    /// <see cref="RelayBytesMax"/> with <see cref="RelayAsideBytesMax"/> for each upstream may come to: what the journal can hold of live data, whatever its pattern. Above, the journal
    /// may be full before those bounds are reached. In a journal below 100 MiB, which can hold less, it is in proportion to that.
    /// </summary>
    public int JournalPromisedPercentMax { get; set; } = 75;

    /// <summary>Bytes that stay free on the disk for others; below, the journal is full.</summary>
    public long JournalFreeBytesMin { get; set; } = 32 * 1024 * 1024;

    /// <summary>Bytes on their way to the disk; beyond, a packet that has to be written is not taken before some are there.</summary>
    public long JournalPendingBytesMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>Milliseconds after which a message of a 3.x client that found the journal full is tried again.</summary>
    public int JournalFullPauseMs { get; set; } = 1_000;

    /// <summary>Bytes of messages of all 3.x clients that found the journal full and wait in memory, unacknowledged; a client has at most <see cref="PacketBytesMax"/> of them.</summary>
    public int JournalFullBytesMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>Messages sent to the upstream and not yet acknowledged by it.</summary>
    public int RelayInflightMax { get; set; } = 100;

    /// <summary>Messages kept that an upstream does not take. Chosen: a fault that makes more than this wants a person, not more room.</summary>
    public int RelayAsideMessagesMax { get; set; } = 1_000;

    /// <summary>Bytes of them. In memory, so that an operator can look at them: one in a hundred of the smallest machine's.</summary>
    public int RelayAsideBytesMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>Messages that may wait for an upstream that is connected before their publishers are held back.</summary>
    public int RelayWaitingMax { get; set; } = 1_000;

    /// <summary>Milliseconds that a publisher is held back because an upstream takes less than is published.</summary>
    public int RelayPauseMs { get; set; } = 100;

    /// <summary>Seconds for a connection to the upstream: name, TCP and TLS.</summary>
    public int RelayConnectSecondsMax { get; set; } = 10;

    /// <summary>Seconds that the upstream may take for a CONNACK or a PINGRESP.</summary>
    public int RelayAnswerSecondsMax { get; set; } = 10;

    /// <summary>Seconds that the upstream may leave everything in flight unacknowledged, before the link is made anew.</summary>
    public int RelayAckSecondsMax { get; set; } = 60;

    /// <summary>The limit that has an impossible value, as a sentence that names the setting; null when all are possible.</summary>
    public string? Check()
    {
        foreach ((string name, long value, long min, long max) in Bounds())
            if (value < min || value > max)
                return $"Limits:{name} is {value}; it must be between {min} and {max}";
        return null;
    }

    // Fixed header 5, two lengths of a text and of no properties 3, Packet Identifier 2.
    private const int AroundPublishBytesMax = 10;

    /// <summary>Whether a message that came in no packet would fit one, whatever its QoS.</summary>
    internal bool FitsPacket(int topicUtf8Bytes, int payloadBytes) => (long)topicUtf8Bytes + payloadBytes + AroundPublishBytesMax <= PacketBytesMax;

    /// <summary>Each limit with its value and the range it may have.</summary>
    public IEnumerable<LimitBound> Bounds() => [.. ClientBounds(), .. DiskBounds()];

    private IEnumerable<LimitBound> ClientBounds()
    {
        const int seconds = 50 * 365 * 24 * 3600; // 50 years
        const int bytes = 1024 * 1024 * 1024;
        yield return new(nameof(ConnectionsMax), ConnectionsMax, 1, 1_000_000);
        yield return new(nameof(MemoryBytesMax), MemoryBytesMax, 0, 1024L * bytes);
        yield return new(nameof(ConnectionMemoryBytesMax), ConnectionMemoryBytesMax, 64 * 1024, bytes);
        yield return new(nameof(SharePercentMax), SharePercentMax, 1, 100);
        yield return new(nameof(OperatorSharePercentMax), OperatorSharePercentMax, 1, 100);
        yield return new(nameof(BridgeSharePercentMax), BridgeSharePercentMax, 1, 100);
        yield return new(nameof(HalfOpenConnectionsMax), HalfOpenConnectionsMax, 1, 1_000_000);
        yield return new(nameof(HttpConnectionsMax), HttpConnectionsMax, 1, 1_000_000);
        yield return new(nameof(PacketBytesMax), PacketBytesMax, 128, MqttPacketBytesMax);
        yield return new(nameof(ConnectPacketBytesMax), ConnectPacketBytesMax, 128, 512 * 1024);
        yield return new(nameof(ConnectSecondsMax), ConnectSecondsMax, 1, 3600);
        yield return new(nameof(HandshakesMax), HandshakesMax, 1, 1_000_000);
        yield return new(nameof(HandshakeSecondsMax), HandshakeSecondsMax, 1, 3600);
        yield return new(nameof(TakeOverMs), TakeOverMs, 0, 10_000);
        yield return new(nameof(LoginsWaitingMax), LoginsWaitingMax, 1, 1_000_000);
        yield return new(nameof(LoginsRememberedMax), LoginsRememberedMax, 0, 10_000_000);
        yield return new(nameof(LoginFailuresMax), LoginFailuresMax, 1, 10_000_000);
        yield return new(nameof(LoginDelayMsMax), LoginDelayMsMax, 0, 60_000);
        yield return new(nameof(KeepAliveSecondsMax), KeepAliveSecondsMax, 0, 65_535);
        yield return new(nameof(OutputStallSecondsMax), OutputStallSecondsMax, 1, 3600);
        yield return new(nameof(PacketStallSecondsMax), PacketStallSecondsMax, 1, 3600);
        yield return new(nameof(ClientIdBytesMax), ClientIdBytesMax, 23, 65_535); // 23 [MQTT-3.1.3-5]
        yield return new(nameof(TopicLevelsMax), TopicLevelsMax, 3, 1_000);
        yield return new(nameof(SubscriptionsPerSessionMax), SubscriptionsPerSessionMax, 1, 1_000_000);
        yield return new(nameof(BridgeSubscriptionsMax), BridgeSubscriptionsMax, 1, 1_000_000);
        yield return new(nameof(SharedFiltersPerUserMax), SharedFiltersPerUserMax, 1, 1_000_000);
        yield return new(nameof(SessionsMax), SessionsMax, 1, 10_000_000);
        yield return new(nameof(SessionExpirySecondsMax), SessionExpirySecondsMax, 1, seconds);
        yield return new(nameof(InflightMax), InflightMax, 1, 16_000);
        yield return new(nameof(InflightBytesMax), InflightBytesMax, 1, bytes);
        yield return new(nameof(ReceiveMaximum), ReceiveMaximum, 1, 65_535);
        yield return new(nameof(TopicAliasMaximum), TopicAliasMaximum, 0, 65_535);
        yield return new(nameof(QueueMessagesMax), QueueMessagesMax, 1, 100_000_000);
        yield return new(nameof(QueueBytesMax), QueueBytesMax, 1, bytes);
        yield return new(nameof(QueueBytesTotalMax), QueueBytesTotalMax, 1, 64L * bytes);
        yield return new(nameof(WaitingMemoryBytesMax), WaitingMemoryBytesMax, 0, 64L * bytes);
        yield return new(nameof(PublisherPauseMs), PublisherPauseMs, 0, 60_000);
        yield return new(nameof(OutputBytesMax), OutputBytesMax, 4096, bytes);
        yield return new(nameof(MailboxMessagesMax), MailboxMessagesMax, 1, 1_000_000);
        yield return new(nameof(MailboxBytesMax), MailboxBytesMax, 1, bytes);
        yield return new(nameof(MailboxSecondsMax), MailboxSecondsMax, 1, seconds);
        yield return new(nameof(CommandAnswerSecondsMax), CommandAnswerSecondsMax, 1, 3600);
        yield return new(nameof(KnownDevicesMax), KnownDevicesMax, 1, 10_000_000);
        yield return new(nameof(ReceiptsPendingMax), ReceiptsPendingMax, 0, 10_000_000);
        yield return new(nameof(RetainedMessagesMax), RetainedMessagesMax, 1, 10_000_000);
        yield return new(nameof(RetainedBytesMax), RetainedBytesMax, 1, 64L * bytes);
        yield return new(nameof(RouteCacheMax), RouteCacheMax, 1, 1_000_000);
        yield return new(nameof(RouteCacheBytesMax), RouteCacheBytesMax, 4096, bytes);
    }

    private IEnumerable<LimitBound> DiskBounds()
    {
        const int bytes = 1024 * 1024 * 1024;
        yield return new(nameof(RelayMessagesMax), RelayMessagesMax, 1, 100_000_000);
        yield return new(nameof(RelayBytesMax), RelayBytesMax, 1, bytes);
        yield return new(nameof(JournalBytesMax), JournalBytesMax, 32 * 1024 * 1024, 1024L * bytes);
        yield return new(nameof(JournalPromisedPercentMax), JournalPromisedPercentMax, 1, 100_000);
        yield return new(nameof(JournalFreeBytesMin), JournalFreeBytesMin, 0, 1024L * bytes);
        yield return new(nameof(JournalPendingBytesMax), JournalPendingBytesMax, 64 * 1024, bytes);
        yield return new(nameof(JournalFullPauseMs), JournalFullPauseMs, 10, 60_000);
        yield return new(nameof(JournalFullBytesMax), JournalFullBytesMax, 0, bytes);
        yield return new(nameof(RelayInflightMax), RelayInflightMax, 1, 16_000);
        yield return new(nameof(RelayAsideMessagesMax), RelayAsideMessagesMax, 0, 1_000_000);
        yield return new(nameof(RelayAsideBytesMax), RelayAsideBytesMax, 0, bytes);
        yield return new(nameof(RelayWaitingMax), RelayWaitingMax, 1, 100_000_000);
        yield return new(nameof(RelayPauseMs), RelayPauseMs, 0, 10_000);
        yield return new(nameof(RelayConnectSecondsMax), RelayConnectSecondsMax, 1, 3600);
        yield return new(nameof(RelayAnswerSecondsMax), RelayAnswerSecondsMax, 1, 3600);
        yield return new(nameof(RelayAckSecondsMax), RelayAckSecondsMax, 1, 3600);
    }
}
