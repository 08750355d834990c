using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Ports;

/// <summary>What happened since the start. Written by the holder of the turn; reading from elsewhere sees a value that was true a moment ago.</summary>
/// <param name="dropped">Told of each drop: none is counted without being said.</param>
internal sealed class BrokerCounters(Action<Drop> dropped)
{
    /// <summary>How many <see cref="CloseReason"/> there are; they are numbered without gaps.</summary>
    public const int CloseReasonCount = (int)CloseReason.PacketStalled + 1;

    private readonly long[] _drops = new long[DropReasons.Count];
    private readonly long[] _closes = new long[CloseReasonCount];

    /// <summary>Follows single messages; null for nobody. Only the holder of the turn sets it.</summary>
    public IMessageTrace? Trace { get; set; }

    /// <summary>To and from clients.</summary>
    public Traffic Clients { get; } = new();

    /// <summary>To and from the upstream.</summary>
    public Traffic Upstream { get; } = new();

    /// <summary>PUBLISH packets accepted from clients.</summary>
    public long MessagesReceived;

    /// <summary>PUBLISH packets sent to clients.</summary>
    public long MessagesSent;

    /// <summary>Payload bytes of <see cref="MessagesReceived"/>.</summary>
    public long PublishBytesReceived;

    /// <summary>Payload bytes of <see cref="MessagesSent"/>.</summary>
    public long PublishBytesSent;

    /// <summary>Messages for many that went out in one turn, however long that took, because there was no room for what would have been left of them.</summary>
    public long WideAtOnce;

    /// <summary>Faults of the gateway itself in work that goes on over turns: each has ended whose it was, or rests and goes on.</summary>
    public long JobFaults;

    /// <summary>P2P messages that were handed to their device or its mailbox.</summary>
    public long P2PRouted;

    /// <summary>P2P messages whose RETAIN was cleared.</summary>
    public long P2PRetainCleared;

    /// <summary>Network connections that were taken in.</summary>
    public long ConnectionsOpened;

    /// <summary>CONNECT packets that were accepted.</summary>
    public long ClientsConnected;

    /// <summary>Sessions of absent clients that came to their end.</summary>
    public long SessionsExpired;

    /// <summary>Filters that were refused in SUBSCRIBE packets, and those of Sessions whose client may have less than before.</summary>
    public long SubscriptionsRefused;

    /// <summary>Drops of all reasons together.</summary>
    public long DroppedInAll => DropReasons.Total(_drops);

    /// <summary>Counts what became of a message for one client.</summary>
    /// <param name="result">What did.</param>
    /// <param name="payloadBytes">Of the message.</param>
    /// <param name="clientId">Whose it was to be.</param>
    /// <param name="topic">Its Topic Name.</param>
    /// <param name="traceNumber">Its number, where it is followed.</param>
    public void Count(DeliveryResult result, int payloadBytes, string clientId, string topic, uint traceNumber = 0)
    {
        switch (result)
        {
            case DeliveryResult.Sent:
                MessagesSent++;
                PublishBytesSent += payloadBytes;
                break;
            case DeliveryResult.Slow: Drop(new Drop(DropReason.SlowSubscriber, DropOwner.Client(clientId), topic, payloadBytes), traceNumber); break;
            case DeliveryResult.TooLarge: Drop(new Drop(DropReason.LargerThanClientAccepts, DropOwner.Client(clientId), topic, payloadBytes), traceNumber); break;
            case DeliveryResult.NotAllowed: Drop(new Drop(DropReason.NotAllowed, DropOwner.Client(clientId), topic, payloadBytes), traceNumber); break;
        }
    }

    /// <summary>A message is dropped: the one place where that is counted, and said.</summary>
    /// <param name="drop">What is known of it.</param>
    /// <param name="traceNumber">Its number, where it is followed.</param>
    /// <param name="entry">Its number in the custody; 0 for none.</param>
    public void Drop(in Drop drop, uint traceNumber = 0, long entry = 0)
    {
        _drops[(int)drop.Reason]++;
        Trace?.Dropped(traceNumber, entry, drop);
        dropped(drop);
    }

    /// <summary>Messages that an earlier run of the gateway has lost: they are counted, and said together by whoever found out.</summary>
    public void LostBefore(DropReason reason, long count) => _drops[(int)reason] += count;

    public void Close(CloseReason reason) => _closes[(int)reason]++;

    public long Dropped(DropReason reason) => _drops[(int)reason];

    public long Closed(CloseReason reason) => _closes[(int)reason];
}
