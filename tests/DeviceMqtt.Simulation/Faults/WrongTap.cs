using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>The way from the broker to the relay, wrong in one respect.</summary>
internal sealed class WrongTap(IUpstream inner, string wrong) : IUpstream
{
    private int _offers;

    public bool Wants(string topic) => inner.Wants(topic);

    public bool Offer(Message message, List<ISlowReader> holdingBack, in OwedReceipt owed = default) =>
        (wrong == "loses an offer" && ++_offers % 50 == 0) || inner.Offer(message, holdingBack, owed);

    public void Keep(Message message, List<KeptForUpstream> kept) => inner.Keep(message, kept);

    public void Queue(in KeptForUpstream kept) => inner.Queue(kept);

    public ReadOnlySpan<byte> Via => inner.Via;

    public bool WasHere(ReadOnlySpan<byte> properties, string publisher) => wrong != "does not look at via" && inner.WasHere(properties, publisher);

    public void ClientKnown(string clientId)
    {
        if (wrong != "does not know devices")
            inner.ClientKnown(clientId);
    }

    public void ClientForgotten(string clientId) => inner.ClientForgotten(clientId);

    public void ClientCame(string clientId, WillMessage? will)
    {
        if (wrong != "has no Wills of devices")
            inner.ClientCame(clientId, will);
    }

    public void ClientLeft(string clientId) => inner.ClientLeft(clientId);
}
