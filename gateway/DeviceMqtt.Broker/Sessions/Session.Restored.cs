using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Sessions;

/// <content>What its client has to forget when the gateway was restored from a backup.</content>
internal sealed partial class Session
{
    /// <summary>
    /// The gateway was restored from a backup, and the client may have Packet Identifiers in use that stand for messages of after the backup: it would take a new message under one of them for a
    /// repetition. It is told that there is no Session, and so forgets them, until it has acknowledged something that was sent behind that.
    /// </summary>
    public bool HasOldIdentifiers { get; set; }

    /// <summary>
    /// A gateway below may not have some of its subscriptions any more, which are ended. It asks for each once in a Session: it is told that there is none, and knows what it has.
    /// Said with each CONNECT anew.
    /// </summary>
    public bool HasLostSubscriptions { get; set; }

    /// <summary>It is connected, and was told that there is no Session [MQTT-3.2.2-5]; 3.1 has no word for that.</summary>
    public bool TellsToForget => (HasOldIdentifiers || HasLostSubscriptions) && Connection is { Version: not ProtocolVersion.V31 };

    // A client of 3.1 may have any identifier open. PUBREL right before a PUBLISH has it let go that one; it answers PUBCOMP, to which nobody listens. Also before one that goes again: neither may have
    // arrived. So QoS 2 may come to it twice, and nothing is swallowed.
    private void ReleaseFirst(ClientLink connection, QoS qos, ushort packetId)
    {
        if (HasOldIdentifiers && qos == QoS.ExactlyOnce && connection.Version == ProtocolVersion.V31)
            connection.SendAck(Kept.NotNeeded, PacketType.PubRel, packetId);
    }

    /// <summary>The client is about to be told that there is no Session: what it has sent at QoS 2 under an identifier is none that comes again.</summary>
    public void ForgetAllInbound()
    {
        foreach (ushort packetId in InboundQoS2.ToArray())
            ForgetInbound(packetId).ForNobody(); // where there is no room it is open after a restart, and compared by its content
    }

    /// <summary>
    /// What the client did not acknowledge on its last connection is due again, in its order, with DUP [MQTT-4.4.0-1], or as new where it was told that there is no Session;
    /// <see cref="Pump"/> sends it.
    /// </summary>
    public void BeginResend()
    {
        // Those that it has are done with: there is nothing left to say of them. Only a client of 3.1 may have left any, which comes back as another now.
        foreach ((_, Inflight inflight) in TellsToForget ? InFlight() : [])
            if (inflight is { State: InflightState.AwaitsPubComp, IsGivenUp: false })
                _custody.Settle(inflight.Entry, message: null, Outcome.Delivered);
        _ = _flow?.Resume(isSessionPresent: !TellsToForget);
        CountInFlight();
    }

    /// <summary>The client has released a message that it has sent on this connection: it has read what was sent behind CONNACK.</summary>
    public void HasReleased()
    {
        if (HasOldIdentifiers)
            HasReadThat();
    }

    // An acknowledgement of what was sent behind CONNACK: so it has read that. One that was told and has not is told once more, and loses nothing by it.
    private void HasReadThat()
    {
        if (!TellsToForget)
            return;
        HasOldIdentifiers = false;
        _custody.BeganAnew(Owner).ForNobody(); // without room the client is told once more after a restart, and loses nothing by it
    }
}
