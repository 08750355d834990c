namespace DeviceMqtt.Broker.Words;

/// <summary>Packets and bytes on a kind of connection since the start. Written by the holder of the turn.</summary>
internal sealed class Traffic
{
    public long PacketsReceived;

    public long PacketsSent;

    /// <summary>Bytes of whole packets.</summary>
    public long BytesReceived;

    /// <summary>Bytes of whole packets.</summary>
    public long BytesSent;
}
