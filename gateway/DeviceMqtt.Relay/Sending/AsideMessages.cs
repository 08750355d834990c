using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Messages that one upstream does not take, oldest first: kept for a person to look at, to try again or to drop. Bounded, and
/// whole in memory. Owned by the turn.
/// </summary>
internal sealed class AsideMessages(GatewayLimits limits)
{
    private readonly List<(QueuedMessage Queued, AsideReason Why)> _all = [];

    public IReadOnlyList<(QueuedMessage Queued, AsideReason Why)> All => _all;

    public int Count => _all.Count;

    public long Bytes { get; private set; }

    public bool HasRoomFor(Message message) => Count < limits.RelayAsideMessagesMax && Bytes + message.Bytes <= limits.RelayAsideBytesMax;

    /// <summary>Also beyond the bounds: those of a recovery were within the bounds of their time.</summary>
    public void Add(in QueuedMessage queued, AsideReason why)
    {
        _all.Add((queued, why));
        Bytes += queued.Message.Bytes;
    }

    /// <summary>Takes one out.</summary>
    /// <param name="number">Its place in <see cref="All"/>.</param>
    public QueuedMessage Take(int number)
    {
        QueuedMessage queued = _all[number].Queued;
        _all.RemoveAt(number);
        Bytes -= queued.Message.Bytes;
        return queued;
    }
}
