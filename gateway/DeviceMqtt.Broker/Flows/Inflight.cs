using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Flows;

/// <summary>
/// One message in flight. The message itself is kept only if it could have to be sent again on a later connection;
/// within one connection MQTT over TCP never resends [MQTT-4.4.0-1].
/// </summary>
internal struct Inflight
{
    /// <summary>After a recovery that had no memory for it a reference (<see cref="Message.IsReference"/>): it is read when it goes once more.</summary>
    public Message? Message;

    public uint[]? Identifiers;

    /// <summary>Its number in the custody; 0 when it is in memory alone.</summary>
    public long Entry;
    public InflightState State;
    public bool Retain;

    /// <summary>Sent on an earlier connection and not on this one yet.</summary>
    public bool IsDue;

    /// <summary>The peer has lost its Session, or has refused the message before: it goes again as a new one, without DUP.</summary>
    public bool IsNew;

    /// <summary>It has gone once more on this connection, with DUP: the peer may have it from before.</summary>
    public bool WasSentAgain;

    /// <summary>The peer has refused it, and it has not gone again since: the peer has nothing of it open.</summary>
    public bool WasRefused;

    /// <summary>The peer has refused it before: when it does so again, that was the last try.</summary>
    public bool IsLastTry;

    /// <summary>Its message is not to be delivered any more (<see cref="Flow.GiveUp"/>), and the disk knows that the peer may have the Packet Identifier open.</summary>
    public bool IsGivenUp;

    /// <summary>Somebody follows the message: its acknowledgements are told.</summary>
    public bool IsFollowed;

    /// <summary>What the message that is kept takes in memory; 0 when none is.</summary>
    public readonly int Bytes => Message?.MemoryBytes ?? 0;

    public readonly QoS QoS => State == InflightState.AwaitsPubAck ? QoS.AtLeastOnce : QoS.ExactlyOnce;
}
