using DeviceMqtt.Gateway.Durability;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Gateway.Sessions;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// Messages on their way to one upstream, in the order the gateway accepted them, in the custody of the journal. The only
/// type that knows where they are kept.
/// <list type="bullet">
/// <item>A message is here from <see cref="Add"/> until <see cref="Release"/>: waiting first, then in flight.</item>
/// <item>Waiting and in flight together are within <see cref="GatewayLimits.RelayMessagesMax"/> and
/// <see cref="GatewayLimits.RelayBytesMax"/>; the oldest that waits is dropped for the newest, and counted.</item>
/// <item>What is in flight is never dropped: the upstream may have it already. A newcomer that finds nothing else to push
/// out is dropped itself.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class RelayBuffer(GatewayLimits limits, Custody custody, string upstream)
{
    private readonly WaitingList _waiting = new(custody.Spill);
    private readonly Dictionary<Message, long> _inFlight = [];

    /// <summary>Messages not yet sent.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Messages sent and not yet acknowledged.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Waiting and in flight.</summary>
    public int Count => Waiting + InFlight;

    /// <summary>Bytes of both.</summary>
    public long Bytes { get; private set; }

    /// <summary>Monotonic milliseconds at which the oldest that waits was accepted; null when none waits.</summary>
    public long? OldestWaitingMs => _waiting.TryPeek(out QueuedMessage oldest) ? oldest.Message.AcceptedMs : null;

    /// <summary>Has a message wait, at the end.</summary>
    public void Add(Message message)
    {
        while (!HasRoomFor(message) && _waiting.TryDequeue(out QueuedMessage oldest))
        {
            Bytes -= oldest.Message.Bytes;
            custody.Spill.Remove(oldest.Message);
            custody.Drop(oldest.Entry, oldest.Message, DropReason.RelayFull);
        }

        QueuedMessage queued = new(message, message.QoS, message.Retain, Identifiers: null);
        queued = queued with { Entry = custody.Hold(LedgerClass.Relay, upstream, queued) };
        if (!HasRoomFor(message))
        {
            custody.Drop(queued.Entry, message, DropReason.RelayFull);
            return;
        }

        Restore(queued);
    }

    /// <summary>A message of a recovery, at the end.</summary>
    public void Restore(in QueuedMessage queued)
    {
        _waiting.Enqueue(queued);
        Bytes += queued.Message.Bytes;
    }

    /// <summary>Everything in custody: what is in flight, then what waits.</summary>
    public IEnumerable<QueuedMessage> All() =>
        _inFlight.Select(f => new QueuedMessage(f.Key, f.Key.QoS, f.Key.Retain, Identifiers: null, f.Value)).Concat(_waiting.InOrder());

    /// <summary>The oldest that waits and has not expired; from now on it is in flight. Those that have expired are counted and gone.</summary>
    public bool TryTake(long nowMs, out Message? message)
    {
        while (_waiting.TryDequeue(out QueuedMessage oldest))
        {
            int bytes = oldest.Message.Bytes;
            if (custody.TryTake(ref oldest, nowMs))
            {
                message = oldest.Message;
                _inFlight.Add(message, oldest.Entry);
                return true;
            }

            Bytes -= bytes;
        }

        message = null;
        return false;
    }

    /// <summary>The upstream has a message that was in flight.</summary>
    public void Release(Message message) => custody.Settle(Remove(message), message, Outcome.Delivered);

    /// <summary>A message that was in flight is too old to be sent again.</summary>
    public void Expire(Message message)
    {
        custody.Drop(Remove(message), message, DropReason.Expired);
    }

    private long Remove(Message message)
    {
        _ = _inFlight.Remove(message, out long entry);
        Bytes -= message.Bytes;
        return entry;
    }

    private bool HasRoomFor(Message message) => Count < limits.RelayMessagesMax && Bytes + message.Bytes <= limits.RelayBytesMax;
}
