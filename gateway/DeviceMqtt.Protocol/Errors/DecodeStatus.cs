namespace DeviceMqtt.Protocol;

/// <summary>The three outcomes of reading from a stream of bytes; they are never mixed.</summary>
public enum DecodeStatus : byte
{
    /// <summary>A whole packet was read.</summary>
    Packet,

    /// <summary>What has arrived is the beginning of a packet, and nothing in it is wrong so far.</summary>
    NeedMore,

    /// <summary>The peer broke the protocol: the connection must be closed.</summary>
    Malformed,
}
