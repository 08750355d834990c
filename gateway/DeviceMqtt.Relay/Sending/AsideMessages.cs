using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Messages that one upstream does not take, oldest first: kept for a person to look at, to try again or to drop. Bounded, and
/// whole in memory. Owned by the turn.
/// </summary>
internal sealed class AsideMessages(GatewayLimits limits)
{
    private readonly List<(int Number, QueuedMessage Queued, AsideReason Why)> _all = [];
    private int _lastNumber;

    /// <summary>By the number that an operator names it with, which it has until the gateway starts anew.</summary>
    public IReadOnlyList<(int Number, QueuedMessage Queued, AsideReason Why)> All => _all;

    public int Count => _all.Count;

    public long Bytes { get; private set; }

    public bool HasRoomFor(Message message) => Count < limits.RelayAsideMessagesMax && Bytes + message.Bytes <= limits.RelayAsideBytesMax;

    /// <summary>Whether a message may come: there is room for it, or there never is, and it is dropped.</summary>
    public bool Takes(Message message) => HasRoomFor(message) || limits.RelayAsideMessagesMax == 0 || message.Bytes > limits.RelayAsideBytesMax;

    /// <summary>Also beyond the bounds: those of a recovery were within the bounds of their time.</summary>
    public void Add(in QueuedMessage queued, AsideReason why)
    {
        _all.Add((++_lastNumber, queued, why));
        Bytes += queued.Message.Bytes;
    }

    /// <summary>One of them; null when there is none of that number.</summary>
    public Message? Find(int number) => _all.Find(a => a.Number == number).Queued.Message;

    /// <summary>Takes one out.</summary>
    /// <returns>False when there is none of that number.</returns>
    public bool TryTake(int number, out QueuedMessage queued)
    {
        int at = _all.FindIndex(a => a.Number == number);
        queued = at < 0 ? default : _all[at].Queued;
        if (at < 0)
            return false;
        _all.RemoveAt(at);
        Bytes -= queued.Message.Bytes;
        return true;
    }
}
