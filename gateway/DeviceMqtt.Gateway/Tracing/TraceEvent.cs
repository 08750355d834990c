using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Tracing;

/// <summary>
/// One step of one message, as it is noted: 64 bytes, a line of the processor's cache. What its members mean is different for each
/// <see cref="Kind"/>; <see cref="TraceStories"/> reads them.
/// </summary>
internal struct TraceEvent
{
    /// <summary>Topic Name; of <see cref="TraceKind.Named"/> the id of the command.</summary>
    public string? Topic;

    /// <summary>The publisher, or whom the step is about.</summary>
    public string? Name;

    /// <summary>Where the publisher comes from (an end point); of <see cref="TraceKind.ToldBelow"/> its words.</summary>
    public object? Detail;

    /// <summary>Monotonic milliseconds.</summary>
    public long Ms;

    /// <summary>Its number in the custody; 0 for none.</summary>
    public long Entry;

    /// <summary>In the journal: what the acknowledgement waits for, where the message is, or what is durable.</summary>
    public long Position;

    /// <summary>Of the message; 0 where it is known by other things.</summary>
    public uint Number;

    /// <summary>Bytes of the payload, or the Packet Identifier.</summary>
    public int Value;

    /// <summary>Bytes that it takes in the ring.</summary>
    public int Charge;

    public TraceKind Kind;

    /// <summary>QoS, result, reason or code.</summary>
    public byte Code;

    /// <summary>Whose <see cref="Name"/> is, or where the message came from.</summary>
    public byte Of;

    /// <summary>Retain, a class of the ledger, a QoS.</summary>
    public byte More;

    public readonly DropOwner Owner => new((DropOwnerKind)Of, Name ?? "");
}
