using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>CONNECT and the answer to it.</summary>
internal sealed class UplinkHandshake(UpstreamAddress address, RelayOptions options, UplinkPresence presence)
{
    private const byte ConnAckFirstByte = (byte)PacketType.ConnAck << 4;
    private const int ConnAckBytes = 4; // 3.1.1, section 3.2

    /// <returns>Whether the upstream still has the Session of an earlier connection.</returns>
    /// <exception cref="UplinkException">The upstream refuses, or is no MQTT broker.</exception>
    /// <exception cref="OperationCanceledException">Nothing answered in time.</exception>
    public async Task<bool> RunAsync(IDuplexPipe transport, bool asBridge, CancellationToken cancellation)
    {
        Connect(asBridge).Write(transport.Output);
        _ = await transport.Output.FlushAsync(cancellation);
        try
        {
            return await ReceiveConnAckAsync(transport.Input, cancellation);
        }
        catch (IOException exception)
        {
            throw new UplinkException(UplinkEndReason.NoConnAck, UplinkText.Of(exception), exception);
        }
    }

    // Never a clean session: commands that are sent while the link is down are to arrive when it is back.
    private ConnectPacket Connect(bool asBridge) => new()
    {
        IsBridge = asBridge,
        Version = ProtocolVersion.V311,
        ClientId = options.ClientId,
        CleanStart = false,
        KeepAliveSeconds = (ushort)options.KeepAliveSeconds,
        UserName = address.UserName,
        Password = address.Password is { } password ? Encoding.UTF8.GetBytes(password) : null,
        Will = presence.Will,
    };

    private static async Task<bool> ReceiveConnAckAsync(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(cancellation);
            ReadOnlySequence<byte> buffer = result.Buffer;
            bool isThere = TryReadConnAck(buffer, out ConnAckPacket? packet, out SequencePosition consumed);
            input.AdvanceTo(consumed, isThere ? consumed : buffer.End);
            if (isThere)
                return Judge(packet!);
            if (result.IsCompleted || result.IsCanceled)
                throw new UplinkException(UplinkEndReason.NoConnAck, "the upstream closed the connection without a CONNACK");
        }
    }

    private static bool TryReadConnAck(in ReadOnlySequence<byte> buffer, out ConnAckPacket? packet, out SequencePosition consumed)
    {
        packet = null;
        consumed = buffer.Start;
        // Told apart by the first byte: a greeting of another protocol need not have the length it seems to announce.
        if (!buffer.IsEmpty && buffer.FirstSpan[0] != ConnAckFirstByte)
            throw new UplinkException(UplinkEndReason.NotMqtt, $"the answer to CONNECT begins with 0x{buffer.FirstSpan[0]:X2}, which is no CONNACK");
        FrameReader reader = new(buffer, ConnAckBytes, new StraddleBuffer());
        DecodeStatus status = reader.TryRead(out Frame frame);
        if (status == DecodeStatus.NeedMore)
            return false;
        MalformedReason reason = reader.Reason;
        if (status == DecodeStatus.Malformed || !ConnAckPacket.TryDecode(frame, ProtocolVersion.V311, out packet, out reason))
            throw new UplinkException(UplinkEndReason.NotMqtt, $"the answer to CONNECT is no CONNACK of MQTT 3.1.1: {reason.ToText()}");
        consumed = reader.Consumed;
        return true;
    }

    private static bool Judge(ConnAckPacket packet) => (ConnectReturnCode)packet.Code switch
    {
        ConnectReturnCode.Accepted => packet.SessionPresent,
        ConnectReturnCode.BadUserNameOrPassword => throw Refused(UplinkEndReason.NotAuthorized, "user name or password are wrong", packet),
        ConnectReturnCode.NotAuthorized => throw Refused(UplinkEndReason.NotAuthorized, "user name or password are wrong, or this gateway may not connect there", packet),
        ConnectReturnCode.IdentifierRejected => throw Refused(UplinkEndReason.ConnectRejected, "it does not accept the Client Identifier Relay:ClientId", packet),
        ConnectReturnCode.UnacceptableProtocolVersion => throw Refused(UplinkEndReason.VersionRejected, "it does not speak MQTT 3.1.1", packet),
        _ => throw Refused(UplinkEndReason.ConnectRejected, "it is not available", packet),
    };

    private static UplinkException Refused(UplinkEndReason reason, string why, ConnAckPacket packet) =>
        new(reason, $"the upstream refuses: {why} (CONNACK {packet.Code})");
}
