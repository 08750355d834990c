using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Ports;

/// <summary>Where messages leave the broker for the upstream. Called inside a turn; must not wait.</summary>
internal interface IUpstream
{
    /// <summary>Whether messages of a topic go upstream. The answer never changes for a topic.</summary>
    bool Wants(string topic);

    /// <summary>Takes over a message, for the upstream to get when it can.</summary>
    /// <param name="message">From a client of this gateway.</param>
    /// <param name="holdingBack">Gets the upstreams that take less than is offered to them.</param>
    /// <param name="owed">Who is to be told what becomes of it there; no <see cref="OwedReceipt.Sender"/> when nobody is.</param>
    /// <returns>False when no upstream takes such messages at all.</returns>
    bool Offer(Message message, List<ISlowReader> holdingBack, in OwedReceipt owed = default);

    /// <summary>
    /// Takes a message of the gateway's own into custody, for all upstreams that rules send it to, in the frame at hand (<see cref="FrameOfPacket"/>). Nothing else happens
    /// before <see cref="Queue"/>: no room is made, and nothing is sent, for another message may be at it.
    /// </summary>
    /// <param name="message">Of QoS 1.</param>
    /// <param name="kept">Gets one for each upstream that has room for it in the journal; where there is none that is counted.</param>
    void Keep(Message message, List<KeptForUpstream> kept);

    /// <summary>What was kept waits for its upstream from now on, and goes when it can. Outside the routing of another message, in the same turn.</summary>
    void Queue(in KeptForUpstream kept);

    /// <summary>Whether the properties of a message say that it has been through this gateway before.</summary>
    /// <param name="properties">Of the PUBLISH.</param>
    /// <param name="publisher">The Client Identifier of who sent it.</param>
    bool WasHere(ReadOnlySpan<byte> properties, string publisher);

    /// <summary>The property that says that a message came through this gateway.</summary>
    ReadOnlySpan<byte> Via { get; }

    /// <summary>A client is here for the first time: P2P messages for it are wanted from the upstream.</summary>
    void ClientKnown(string clientId);

    /// <summary>It will not be reached through here any more.</summary>
    void ClientForgotten(string clientId);

    /// <summary>A client has connected, with this Will.</summary>
    void ClientCame(string clientId, WillMessage? will);

    /// <summary>Its connection is gone.</summary>
    void ClientLeft(string clientId);
}
