using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Retained;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <content>What it gets in turns of its own: the retained messages that its new subscriptions are owed, and messages that were for too many.</content>
internal sealed partial class Session
{
    private Queue<IRetainedWalk>? _retained;

    string IJob.Name => "what waits for a client";

    /// <summary>Its connection ends, and it stays: what is in flight comes again on the next one.</summary>
    AfterFault IJob.Failed(Exception fault, Turn turn)
    {
        if (Connection is not { } connection)
            return AfterFault.Later;
        connection.Output.Fail(fault);
        return AfterFault.OwnerEnded;
    }

    // Numbers of retained messages that the walks remember.
    private int _given;

    /// <summary>What its subscriptions are owed of the retained messages.</summary>
    public IEnumerable<RetainedCursor> Owed => _retained?.OfType<RetainedCursor>().Where(IsOwed) ?? [];

    /// <summary>A new subscription is owed what is retained; <see cref="Pump"/> sends it. Goes on after a break, on the next connection, and after a restart.</summary>
    public void Owe(IRetainedWalk retained)
    {
        _retained ??= new Queue<IRetainedWalk>();
        // Who subscribes and unsubscribes all the time is owed no more than its subscriptions.
        if (_retained.Count > 2 * Subscriptions.Count)
            _retained = new Queue<IRetainedWalk>(_retained.Where(IsStillOwed));
        _retained.Enqueue(retained);
        Remember(GivenBy(retained));
    }

    /// <summary>Still owed: nobody has unsubscribed, or asked anew, since.</summary>
    public bool IsOwed(IRetainedWalk walk) => OwedTo(walk) is not null;

    /// <summary>The subscription that is owed the rest; null when none is any more.</summary>
    public Subscription? OwedTo(IRetainedWalk walk) => FindSubscription(walk.Subscription.Filter.Value) is { } now && now.Asked == walk.Subscription ? now : null;

    private bool IsStillOwed(IRetainedWalk walk)
    {
        if (IsOwed(walk))
            return true;
        Remember(-GivenBy(walk));
        return false;
    }

    private static int GivenBy(IRetainedWalk walk) => walk is RetainedCursor cursor ? cursor.Given.Count : 0;

    private void Remember(int more)
    {
        _given += more;
        holdings.GivenIs(_given);
    }

    // What may go to a later connection, too, is a record on the disk when it is sent: it goes as the disk does. Acknowledgements are read all the same.
    private bool HasToRest()
    {
        if (!Writes || !ground.Turn.Gate.IsBehind)
            return false;
        ground.Turn.Jobs.Continue(this);
        return true;
    }

    // So much of what waited had expired that the rest is for another turn.
    private void GoOnLater()
    {
        if (queue.Count > 0)
            ground.Turn.Jobs.Continue(this);
    }

    /// <summary>Has a publication wait for the client, which is sent it in another turn: this one has done enough. For what the client acknowledges.</summary>
    public DeliveryResult Wait(ref Publication publication, in Recipient recipient)
    {
        QoS qos = publication.QoS < recipient.QoS ? publication.QoS : recipient.QoS;
        DeliveryResult result = Enqueue(new QueuedMessage(publication.Hold(), qos, publication.Retain && recipient.RetainAsPublished, recipient.Identifiers));
        if (IsConnected)
            ground.Turn.Jobs.Continue(this);
        return result;
    }

    // From where it is retained, and not through the queue, which may be smaller; behind what waits there.
    private void SendRetained(ClientLink connection, long nowMs)
    {
        while (_retained!.TryPeek(out IRetainedWalk? walk))
        {
            if (connection.Output.IsCongested || queue.Count > 0 || !_flow!.HasRoom(WindowMax))
                return;
            if (ground.Turn.IsSliceOver)
            {
                ground.Turn.Jobs.Continue(this);
                return;
            }

            if (OwedTo(walk) is not { } subscription || !walk.Step(nowMs))
            {
                EndOldest(walk);
            }
            else if (walk.Found is { } message)
            {
                // One that is on its way to it by its subscriptions of before, or one before that, would come behind the newer state.
                if (ground.IsUnderWay(message.Topic, ClientId))
                {
                    ground.WakeBehindFanOut(this);
                    return;
                }

                QoS qos = message.QoS < subscription.QoS ? message.QoS : subscription.QoS;
                QueuedMessage found = new(message, qos, Retain: true, subscription.Identifier == 0 ? null : [subscription.Identifier]);
                if ((qos != QoS.AtMostOnce && HasToRest()) || !HasMemoryToSend(connection, found.Message.Bytes, IsDurable && found.QoS != QoS.AtMostOnce) || !TryGive(connection, walk, found, nowMs))
                    return;
                CountInFlight();
            }
        }

        _retained = null;
    }

    private void EndOldest(IRetainedWalk walk)
    {
        if (IsOnDisk && walk is RetainedCursor && IsOwed(walk))
            _custody.RetainedAllGiven(walk.Subscription);
        Remember(-GivenBy(walk));
        _ = _retained!.Dequeue();
    }

    // At QoS 2 what was given and what is in custody are on the disk together: a crash between the two would have it come twice, or never.
    private bool TryGive(ClientLink connection, IRetainedWalk walk, in QueuedMessage found, long nowMs)
    {
        bool isRemembered = IsOnDisk && IsDurable && found.QoS == QoS.ExactlyOnce && found.Message.RetainedNumber != 0;
        using FrameOfPacket frameOnDisk = isRemembered ? new(_custody) : default;
        if (isRemembered && _custody.RetainedGiven(walk.Subscription, found.Message.RetainedNumber).IsNoRoom)
        {
            ground.Starving.Add(this); // even the reserve of the disk is gone: with a beat there may be some
            return false;
        }

        walk.Taken(isRemembered);
        Remember(isRemembered ? 1 : 0);
        _custody.Counters.Count(SendQueued(connection, Hold(found), nowMs), found.Message.Payload.Length, ClientId, found.Message.Topic, found.Message.TraceNumber);
        return true;
    }
}
