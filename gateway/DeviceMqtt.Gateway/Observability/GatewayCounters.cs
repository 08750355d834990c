using DeviceMqtt.Gateway.Connections;
using DeviceMqtt.Gateway.Sessions;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>What happened since the start. Written by the holder of the turn; reading from elsewhere sees a value that was true a moment ago.</summary>
internal sealed class GatewayCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<DropReason>().Length];
    private readonly long[] _closes = new long[Enum.GetValues<CloseReason>().Length];

    /// <summary>PUBLISH packets accepted from clients.</summary>
    public long MessagesReceived;

    /// <summary>PUBLISH packets sent to clients.</summary>
    public long MessagesSent;

    /// <summary>P2P messages that were handed to their device or its mailbox.</summary>
    public long P2PRouted;

    /// <summary>P2P messages whose RETAIN was cleared.</summary>
    public long P2PRetainCleared;

    public long ConnectionsOpened;

    /// <summary>Counts what became of a message for one client.</summary>
    public void Count(DeliveryResult result)
    {
        switch (result)
        {
            case DeliveryResult.Sent: MessagesSent++; break;
            case DeliveryResult.Slow: Drop(DropReason.SlowSubscriber); break;
            case DeliveryResult.TooLarge: Drop(DropReason.LargerThanClientAccepts); break;
        }
    }

    public void Drop(DropReason reason, long count = 1) => _drops[(int)reason] += count;

    public void Close(CloseReason reason) => _closes[(int)reason]++;

    public long Dropped(DropReason reason) => _drops[(int)reason];

    public long Closed(CloseReason reason) => _closes[(int)reason];
}
