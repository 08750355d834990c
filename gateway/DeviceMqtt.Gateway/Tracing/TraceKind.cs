namespace DeviceMqtt.Gateway.Tracing;

/// <summary>What a <see cref="TraceEvent"/> tells: the calls of <see cref="Broker.Ports.IMessageTrace"/>.</summary>
internal enum TraceKind : byte
{
    None,
    Accepted,

    /// <summary>The message is a command, or an answer to one: its id.</summary>
    Named,
    Answered,
    Held,
    Handed,
    Acknowledged,
    Settled,
    Dropped,
    Durable,
    ToldBelow,
    FlowEnded,
}
