using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>Hands the publication at hand to those it is for, one by one, and counts what became of it. Owned by the turn.</summary>
internal sealed class Delivery(BrokerCounters counters)
{
    private readonly PublishEncodings _encodings = new();

    /// <summary>Those for whom too much waits of what was published last: Sessions, and upstreams.</summary>
    public List<ISlowReader> HoldingBack { get; } = [];

    /// <summary>Another publication.</summary>
    public void Begin()
    {
        _encodings.Reset();
        HoldingBack.Clear();
    }

    /// <summary>Hands it to one.</summary>
    public DeliveryResult Deliver(ref Publication publication, in Recipient recipient)
    {
        if (recipient.AnyNoLocal && recipient.Subscriber == publication.Publisher)
        {
            if (!recipient.NoLocal && recipient.WithoutNoLocal(publication.Route.Topic) is { NoLocal: false } others)
                return Deliver(ref publication, others);
            return DeliveryResult.Absent; // it is owed nothing
        }

        // Whoever subscribes to a broker is a Session.
        Session session = (Session)recipient.Subscriber;
        DeliveryResult result = session.Deliver(ref publication, recipient, _encodings);
        counters.Count(result, publication.Payload.Length, session.ClientId, publication.Route.Topic, publication.TraceNumber);
        if (result == DeliveryResult.Queued && session.HoldsBackPublishers)
            HoldingBack.Add(session);
        return result;
    }

    /// <summary>Has it wait for one, who is sent it in another turn; what goes at QoS 0 is handed over. A method of its own: the other one is what each message goes through.</summary>
    public void LetWait(ref Publication publication, in Recipient recipient)
    {
        if (recipient.QoS == QoS.AtMostOnce || publication.QoS == QoS.AtMostOnce)
        {
            _ = Deliver(ref publication, recipient);
            return;
        }

        if (recipient.AnyNoLocal && recipient.Subscriber == publication.Publisher)
        {
            if (!recipient.NoLocal && recipient.WithoutNoLocal(publication.Route.Topic) is { NoLocal: false } others)
                LetWait(ref publication, others);
            return;
        }

        Session session = (Session)recipient.Subscriber;
        DeliveryResult result = session.Wait(ref publication, recipient);
        counters.Count(result, publication.Payload.Length, session.ClientId, publication.Route.Topic, publication.TraceNumber);
        if (result == DeliveryResult.Queued && session.HoldsBackPublishers)
            HoldingBack.Add(session);
    }
}
