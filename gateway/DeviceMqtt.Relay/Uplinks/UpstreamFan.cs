using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Uplinks;

/// <summary>Several upstreams side by side, each with rules, backlog and cursor of its own. None waits for another. Owned by the turn.</summary>
internal sealed class UpstreamFan(RelaySession[] sessions) : IUpstream
{
    public bool Wants(string topic) => Array.Exists(sessions, s => s.Wants(topic));

    public bool Offer(Message message, List<ISlowReader> holdingBack, in OwedReceipt owed = default)
    {
        bool isTaken = false;
        foreach (RelaySession session in sessions)
            isTaken |= session.Offer(message, holdingBack, owed);
        return isTaken;
    }

    public void Keep(Message message, List<KeptForUpstream> kept)
    {
        foreach (RelaySession session in sessions)
            session.Keep(message, kept);
    }

    public void Queue(in KeptForUpstream kept)
    {
        string name = kept.Upstream;
        Array.Find(sessions, s => s.Name == name)!.Queue(kept);
    }

    public bool WasHere(ReadOnlySpan<byte> properties, string publisher)
    {
        foreach (RelaySession session in sessions)
            if (session.WasHere(properties, publisher))
                return true;
        return false;
    }

    public ReadOnlySpan<byte> Via => sessions[0].Via; // each knows those of the others

    public void ClientKnown(string clientId)
    {
        foreach (RelaySession session in sessions)
            session.ClientKnown(clientId);
    }

    public void ClientForgotten(string clientId)
    {
        foreach (RelaySession session in sessions)
            session.ClientForgotten(clientId);
    }

    public void ClientCame(string clientId, WillMessage? will)
    {
        foreach (RelaySession session in sessions)
            session.ClientCame(clientId, will);
    }

    public void ClientLeft(string clientId)
    {
        foreach (RelaySession session in sessions)
            session.ClientLeft(clientId);
    }
}
