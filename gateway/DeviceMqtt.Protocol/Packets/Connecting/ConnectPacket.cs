using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Protocol;

/// <summary>
/// CONNECT (5.0, 3.1), the first packet of every connection.
/// <code>
/// +----------------+-------+-------+------------+------------+-----------+------+-----------+----------+
/// | protocol name  | level | flags | keep alive | properties | client id | will | user name | password |
/// | 2 + 4 or 2 + 6 | 1     | 1     | 2          | 5.0 only   | 2 + n     |  each only if its flag says  |
/// +----------------+-------+-------+------------+------------+-----------+------+-----------+----------+
/// </code>
/// </summary>
public sealed class ConnectPacket
{
    internal const byte BridgeBit = 0x80;

    public ProtocolVersion Version { get; init; } = ProtocolVersion.V311;

    /// <summary>
    /// The client is itself a broker. In 3.1 and 3.1.1 the top bit of the protocol level says so: not in the specification,
    /// but what mosquitto's bridges send and what brokers understand or refuse as an unknown level.
    /// </summary>
    public bool IsBridge { get; init; }

    /// <summary>May be empty: whether that is allowed is for the server to say.</summary>
    public string ClientId { get; init; } = string.Empty;

    /// <summary>Clean Session before 5.0.</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>0 turns the mechanism off.</summary>
    public ushort KeepAliveSeconds { get; init; }

    public string? UserName { get; init; }

    /// <summary>At most 65,535 bytes.</summary>
    public byte[]? Password { get; init; }

    public WillMessage? Will { get; init; }

    /// <summary>The defaults of the specification before 5.0.</summary>
    public ConnectProperties Properties { get; init; } = ConnectProperties.Default;

    /// <summary>
    /// Decodes and checks. <see cref="MalformedReason.ProtocolLevelUnsupported"/> and <see cref="MalformedReason.ProtocolNameUnknown"/> stand for
    /// a well-formed beginning of a version that is not ours: nothing behind it was looked at.
    /// </summary>
    public static bool TryDecode(in Frame frame, [NotNullWhen(true)] out ConnectPacket? packet, out MalformedReason reason) =>
        ConnectDecoder.TryDecode(frame, out packet, out reason);

    /// <summary>
    /// The protocol level of a CONNECT that was refused, as it stands on the wire: it says in which form the refusal is understood, and it may
    /// be none of ours. False when the packet does not even have a name and a level.
    /// </summary>
    public static bool TryReadProtocolLevel(in Frame frame, out byte level)
    {
        var reader = new BodyReader(frame.Body);
        bool isKnown = ConnectDecoder.TryReadVersion(ref reader, out level);
        return isKnown || reader.Reason == MalformedReason.ProtocolLevelUnsupported;
    }

    /// <summary>Encodes in the form of <see cref="Version"/>.</summary>
    /// <exception cref="ArgumentException">A field cannot be encoded.</exception>
    /// <exception cref="InvalidOperationException">The version forbids the combination of fields.</exception>
    public void Write(IBufferWriter<byte> writer)
    {
        ConnectFlags flags = ConnectFlags.Of(this);
        if (flags.Check(Version) is not MalformedReason.None and var wrong)
            throw new InvalidOperationException($"The CONNECT is not allowed: {wrong.ToText()}.");
        PacketBuilder builder = PacketBuilder.Start();
        builder.Add(Version == ProtocolVersion.V31 ? "MQIsdp" : "MQTT");
        builder.Add((byte)((int)Version | (IsBridge && Version != ProtocolVersion.V5 ? BridgeBit : 0)));
        builder.Add(flags.Bits);
        builder.Add(KeepAliveSeconds);
        if (Version == ProtocolVersion.V5)
        {
            Properties.Encode(builder.Properties);
            builder.AddProperties();
        }

        builder.Add(ClientId);
        if (Will is not null)
            AddWill(builder, Will);
        if (UserName is not null)
            builder.Add(UserName);
        if (Password is not null)
            builder.Add(Password.AsSpan());
        builder.WriteTo(writer, PacketType.Connect);
    }

    private void AddWill(PacketBuilder builder, WillMessage will)
    {
        if (Version == ProtocolVersion.V5)
        {
            will.Properties.Encode(builder.Properties);
            builder.AddProperties();
        }

        builder.Add(will.Topic);
        builder.Add(will.Payload.AsSpan());
    }
}
