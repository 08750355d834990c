using System.Buffers;
using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Output;

/// <summary>
/// How packets leave on one connection of a client, in the version that the client speaks and no larger than it takes. What
/// arrives on it, and when it ends, is the business of who owns the connection. Owned by the turn.
/// </summary>
internal abstract class ClientLink(ConnectionOutput output)
{
    private const int ScratchBytesKept = 1024;
    private PropertyWriter? _propertyScratch;

    public ConnectionOutput Output { get; } = output;

    /// <summary>Where the client comes from; null where nobody knows.</summary>
    public abstract EndPoint? Remote { get; }

    /// <summary>From CONNECT on; until then 3.1.1.</summary>
    public ProtocolVersion Version { get; set; } = ProtocolVersion.V311;

    /// <summary>5.0: reason strings and user properties in acknowledgements are welcome [MQTT-3.1.2-29].</summary>
    public bool WantsProblemInformation { get; set; } = true;

    /// <summary>5.0: bytes of the largest packet that the client takes, its Maximum Packet Size.</summary>
    public uint PacketBytesMax { get; set; } = uint.MaxValue;

    /// <summary>Bytes of the largest PUBLISH to the client: what it takes, or less by the policy of its group.</summary>
    public int PublishBytesMax { get; set; } = int.MaxValue;

    /// <summary>The client is a gateway below this one, and hands P2P messages on to others.</summary>
    public bool IsGateway { get; set; }

    /// <summary>5.0 topic aliases towards the client; null when it takes none.</summary>
    public OutboundAliases? OutboundAliases { get; set; }

    /// <summary>Where the properties of an outgoing 5.0 PUBLISH are put together.</summary>
    public PropertyWriter PropertyScratch => _propertyScratch ??= new PropertyWriter();

    /// <summary>One that grew for large properties is not kept: each connection has its own.</summary>
    public void ReleaseScratch()
    {
        if (_propertyScratch is { Written.Length: > ScratchBytesKept })
            _propertyScratch = null;
    }

    /// <summary>Why the connection ended, or <see cref="CloseReason.None"/> while it is open.</summary>
    public CloseReason CloseReason { get; protected set; }

    /// <summary>Ends the connection. The first reason counts; what was written before still goes out if the network takes it.</summary>
    /// <param name="reason">The one reason.</param>
    /// <param name="detail">Numbers and names for the log.</param>
    /// <param name="code">5.0: what the client is told in a DISCONNECT; null to send none.</param>
    public abstract void Close(CloseReason reason, string? detail = null, ReasonCode? code = null);

    /// <summary>Writes a packet that is no PUBLISH, unless it is larger than the client takes [MQTT-3.1.2-24].</summary>
    /// <returns>False when it is too large, and was not written.</returns>
    public bool TryWrite(Action<IBufferWriter<byte>> write)
    {
        if (PacketBytesMax == uint.MaxValue)
        {
            write(Output);
            return true;
        }

        ArrayBufferWriter<byte> packet = new();
        write(packet);
        if (packet.WrittenCount > PacketBytesMax)
            return false;
        Output.Write(packet.WrittenSpan);
        return true;
    }

    /// <summary>SUBACK, UNSUBACK or CONNACK: leaves when the disk has what it promises.</summary>
    /// <returns>False when it is larger than the client takes, and was not written.</returns>
    /// <exception cref="InvalidOperationException">What it promises found no room.</exception>
    public bool TryWrite(Kept kept, Action<IBufferWriter<byte>> write)
    {
        Output.WaitFor(kept);
        return TryWrite(write);
    }

    /// <summary>
    /// PUBACK or PUBREC with an error, and why: in 5.0, where the client wants to know [MQTT-3.1.2-29], and takes a packet as
    /// long as that [MQTT-3.4.2-2, 3.5.2-2].
    /// </summary>
    public void SendRefusal(PacketType type, ushort packetId, ReasonCode reason, string why)
    {
        PropertyWriter properties = new();
        properties.Add(PropertyId.ReasonString, ReasonText.Of(why)!);
        int length = AckPacket.GetLength(Version, reason, properties.Written.Length);
        if (Version != ProtocolVersion.V5 || !WantsProblemInformation || length > PacketBytesMax)
        {
            SendAck(Kept.NotNeeded, type, packetId, reason); // an error promises nothing
            return;
        }

        Span<byte> destination = Output.GetSpan(length);
        Output.Advance(AckPacket.Encode(destination, type, Version, packetId, reason, properties.Written));
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP: leaves when the disk has what it promises.</summary>
    /// <exception cref="InvalidOperationException">What it promises found no room.</exception>
    public void SendAck(Kept kept, PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success)
    {
        Output.WaitFor(kept);
        Span<byte> destination = Output.GetSpan(AckPacket.GetLength(Version, reason));
        Output.Advance(AckPacket.Encode(destination, type, Version, packetId, reason));
    }
}
