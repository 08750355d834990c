using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Retained;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <content>The retained messages that its new subscriptions are owed.</content>
internal sealed partial class Session
{
    private Queue<IRetainedWalk>? _retained;

    /// <summary>A new subscription is owed what is retained; <see cref="Pump"/> sends it. Goes on after a break, on the next connection.</summary>
    public void Owe(IRetainedWalk retained)
    {
        _retained ??= new Queue<IRetainedWalk>();
        // Who subscribes and unsubscribes all the time is owed no more than its subscriptions.
        if (_retained.Count > 2 * Subscriptions.Count)
            _retained = new Queue<IRetainedWalk>(_retained.Where(IsOwed));
        _retained.Enqueue(retained);
    }

    private bool IsOwed(IRetainedWalk cursor) => FindSubscription(cursor.Subscription.Filter.Value) == cursor.Subscription;

    // From where it is retained, and not through the queue, which may be smaller; behind what waits there.
    private void SendRetained(ClientLink connection, long nowMs)
    {
        while (_retained!.TryPeek(out IRetainedWalk? cursor))
        {
            if (connection.Output.IsCongested || queue.Count > 0 || !_flow!.HasRoom(WindowMax))
                return;
            if (ground.Turn.IsSliceOver)
            {
                ground.Turn.Jobs.Continue(this);
                return;
            }

            if (!IsOwed(cursor) || !cursor.Step(nowMs))
                _ = _retained.Dequeue();
            else if (cursor.Found is { } found)
            {
                if (!HasMemoryToSend(connection, found.Message.Bytes, IsDurable && found.QoS != QoS.AtMostOnce))
                    return;
                cursor.Taken();
                _custody.Counters.Count(SendQueued(connection, Hold(found), nowMs), found.Message.Payload.Length, ClientId, found.Message.Topic, found.Message.TraceNumber);
                CountInFlight();
            }
        }

        _retained = null;
    }
}
