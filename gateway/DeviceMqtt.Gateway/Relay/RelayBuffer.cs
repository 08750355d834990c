using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// Messages on their way upstream, in memory, in the order the gateway accepted them. The only type that knows where they
/// are kept: a cursor over a log on disk takes its place without the sender noticing.
/// <list type="bullet">
/// <item>A message is here from <see cref="Add"/> until <see cref="Release"/>: waiting first, then in flight.</item>
/// <item>Waiting and in flight together are within <see cref="GatewayLimits.RelayMessagesMax"/> and
/// <see cref="GatewayLimits.RelayBytesMax"/>; the oldest that waits is dropped for the newest, and counted.</item>
/// <item>What is in flight is never dropped: the upstream may have it already. A newcomer that finds nothing else to push
/// out is dropped itself.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class RelayBuffer(GatewayLimits limits, GatewayCounters counters)
{
    private readonly Queue<Message> _waiting = new();

    /// <summary>Messages not yet sent.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Messages sent and not yet acknowledged.</summary>
    public int InFlight { get; private set; }

    /// <summary>Waiting and in flight.</summary>
    public int Count => Waiting + InFlight;

    /// <summary>Bytes of both.</summary>
    public long Bytes { get; private set; }

    /// <summary>Monotonic milliseconds at which the oldest that waits was accepted; null when none waits.</summary>
    public long? OldestWaitingMs => _waiting.TryPeek(out Message? oldest) ? oldest.AcceptedMs : null;

    /// <summary>Has a message wait, at the end.</summary>
    public void Add(Message message)
    {
        while (Waiting > 0 && !HasRoomFor(message))
        {
            Bytes -= _waiting.Dequeue().Bytes;
            counters.Drop(DropReason.RelayFull);
        }

        if (!HasRoomFor(message))
        {
            counters.Drop(DropReason.RelayFull);
            return;
        }

        _waiting.Enqueue(message);
        Bytes += message.Bytes;
    }

    /// <summary>The oldest that waits and has not expired; from now on it is in flight. Those that have expired are counted and gone.</summary>
    public bool TryTake(long nowMs, out Message? message)
    {
        while (_waiting.TryDequeue(out message))
        {
            if (!message.IsExpired(nowMs))
            {
                InFlight++;
                return true;
            }

            Bytes -= message.Bytes;
            counters.Drop(DropReason.Expired);
        }

        return false;
    }

    /// <summary>A message that was in flight needs to be kept no longer.</summary>
    public void Release(Message message)
    {
        InFlight--;
        Bytes -= message.Bytes;
    }

    /// <summary>A message that was in flight is too old to be sent again.</summary>
    public void Expire(Message message)
    {
        Release(message);
        counters.Drop(DropReason.Expired);
    }

    private bool HasRoomFor(Message message) => Count < limits.RelayMessagesMax && Bytes + message.Bytes <= limits.RelayBytesMax;
}
