using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Link;

/// <summary>CONNECT and the answer to it.</summary>
internal sealed class UplinkHandshake(UpstreamAddress address, RelayOptions options, UplinkIdentity identity, int packetBytesMax)
{
    private const byte ConnAckFirstByte = (byte)PacketType.ConnAck << 4;
    private const int ConnAckBytes = 4; // 3.1.1, section 3.2
    private const int ConnAckBytesOf5 = 64 * 1024; // chosen: a reason, and properties of the broker's own

    public UplinkIdentity Identity => identity;

    // TLS 1.3 refuses a client without a certificate only after the handshake, by closing.
    private string CertificateHint => address.IsTls && options.Tls.CertificateFile.Length == 0 ? "; it may want a client certificate (Tls:CertificateFile)" : "";

    /// <returns>What the upstream takes.</returns>
    /// <exception cref="UplinkException">The upstream refuses, or is no MQTT broker.</exception>
    /// <exception cref="OperationCanceledException">Nothing answered in time.</exception>
    public async Task<UplinkTerms> RunAsync(IDuplexPipe transport, UplinkForm form, CancellationToken cancellation)
    {
        try
        {
            Connect(form).Write(transport.Output);
            _ = await transport.Output.FlushAsync(cancellation);
            return TermsOf(await ReceiveConnAckAsync(transport.Input, form.Version, cancellation), form.Version) with { AsBridge = form.AsBridge };
        }
        catch (IOException exception)
        {
            throw new UplinkException(UplinkEndReason.NoConnAck, UplinkText.Of(exception) + CertificateHint, exception);
        }
    }

    private ConnectPacket Connect(UplinkForm form)
    {
        (string? userName, string? password) = Credentials();
        return new ConnectPacket
        {
            IsBridge = form.AsBridge,
            Version = form.Version,
            ClientId = identity.ClientId,
            CleanStart = !identity.IsGateway,
            KeepAliveSeconds = (ushort)options.KeepAliveSeconds,
            UserName = userName,
            Password = password is null ? null : Encoding.UTF8.GetBytes(password),
            Will = WillFor(form),
            Properties = form.Version != ProtocolVersion.V5 ? ConnectProperties.Default : new ConnectProperties
            {
                SessionExpirySeconds = identity.IsGateway ? uint.MaxValue : null, // for ever (3.1.2.11.2)
                MaximumPacketSize = (uint)packetBytesMax,
                UserProperties = identity.IsGateway ? [BridgeMark.Property] : [],
            },
        };
    }

    private WillMessage? WillFor(UplinkForm form) => identity.Will is not { } will ? null : new WillMessage
    {
        Topic = will.Topic,
        Payload = will.Payload,
        QoS = will.QoS < form.WillQoSMax ? will.QoS : form.WillQoSMax,
        Retain = will.Retain && form.RetainsWill,
        Properties = will.Properties,
    };

    private (string? UserName, string? Password) Credentials()
    {
        if (options.Aliyun.IsSet)
            return (options.Aliyun.UserName, options.Aliyun.PasswordFor(identity.ClientId));
        if (address.UserName is not null || options.UserName.Length == 0)
            return (address.UserName, address.Password);
        return (options.UserName, options.Password.Length == 0 ? null : options.Password);
    }

    private UplinkTerms TermsOf(ConnAckPacket packet, ProtocolVersion version)
    {
        UpstreamProfile profile = UpstreamProfile.Find(options.Profile)!;
        int ours = LowerOf(options.PacketBytesMax, profile.PacketBytesMax);
        if (packet.Properties is not { } told)
            return new UplinkTerms(address, version, packet.SessionPresent) { PacketBytesMax = ours, QoSMax = profile.QoSMax };
        return new UplinkTerms(address, version, packet.SessionPresent)
        {
            ReceiveMaximum = told.ReceiveMaximum,
            PacketBytesMax = LowerOf((int)Math.Min(told.MaximumPacketSize ?? int.MaxValue, int.MaxValue), ours),
            QoSMax = told.MaximumQoS < profile.QoSMax ? told.MaximumQoS : profile.QoSMax,
            HasRetain = told.RetainAvailable,
            HasIdentifiers = told.SubscriptionIdentifierAvailable,
            HasWildcards = told.WildcardSubscriptionAvailable,
            HasDeviceMarks = DeviceMark.IsUnderstood(told),
            SessionSeconds = told.SessionExpirySeconds is { } seconds and < uint.MaxValue && identity.IsGateway ? seconds : null,
            KeepAliveSeconds = told.ServerKeepAliveSeconds,
        };
    }

    private static int LowerOf(int one, int other) => one == 0 || other < one ? other : one;

    private async Task<ConnAckPacket> ReceiveConnAckAsync(PipeReader input, ProtocolVersion version, CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(cancellation);
            ReadOnlySequence<byte> buffer = result.Buffer;
            bool isThere = TryReadConnAck(buffer, version, out ConnAckPacket? packet, out SequencePosition consumed);
            input.AdvanceTo(consumed, isThere ? consumed : buffer.End);
            if (isThere)
            {
                Judge(packet!, version);
                return packet!;
            }

            if (result.IsCompleted || result.IsCanceled)
                throw new UplinkException(UplinkEndReason.NoConnAck, "the upstream closed the connection without a CONNACK" + CertificateHint);
        }
    }

    private static bool TryReadConnAck(in ReadOnlySequence<byte> buffer, ProtocolVersion version, out ConnAckPacket? packet, out SequencePosition consumed)
    {
        packet = null;
        consumed = buffer.Start;
        // Told apart by the first byte: a greeting of another protocol need not have the length it seems to announce.
        if (!buffer.IsEmpty && buffer.FirstSpan[0] != ConnAckFirstByte)
            throw new UplinkException(UplinkEndReason.NotMqtt, $"the answer to CONNECT begins with 0x{buffer.FirstSpan[0]:X2}, which is no CONNACK");
        FrameReader reader = new(buffer, version == ProtocolVersion.V5 ? ConnAckBytesOf5 : ConnAckBytes, new StraddleBuffer());
        DecodeStatus status = reader.TryRead(out Frame frame);
        if (status == DecodeStatus.NeedMore)
            return false;
        MalformedReason reason = reader.Reason;
        // A broker of 3.1.1 refuses 5.0 in its own form.
        if (status == DecodeStatus.Packet && version == ProtocolVersion.V5 && frame.Body is [0, not 0])
            throw new UplinkException(UplinkEndReason.VersionRejected, "the upstream refuses: it does not speak MQTT 5.0");
        if (status == DecodeStatus.Malformed || !ConnAckPacket.TryDecode(frame, version, out packet, out reason))
            throw new UplinkException(UplinkEndReason.NotMqtt, $"the answer to CONNECT is no CONNACK of MQTT {(version == ProtocolVersion.V5 ? "5.0" : "3.1.1")}: {reason.ToText()}");
        consumed = reader.Consumed;
        return true;
    }

    private static void Judge(ConnAckPacket packet, ProtocolVersion version)
    {
        if (packet.Code == 0)
            return;
        throw version == ProtocolVersion.V5 ? RefusedBy5(packet) : (ConnectReturnCode)packet.Code switch
        {
            ConnectReturnCode.BadUserNameOrPassword => Refused(UplinkEndReason.NotAuthorized, "user name or password are wrong", packet),
            ConnectReturnCode.NotAuthorized => Refused(UplinkEndReason.NotAuthorized, "user name or password are wrong, or this gateway may not connect there", packet),
            ConnectReturnCode.IdentifierRejected => Refused(UplinkEndReason.ConnectRejected, "it does not accept the Client Identifier", packet),
            ConnectReturnCode.UnacceptableProtocolVersion => Refused(UplinkEndReason.VersionRejected, "it does not speak MQTT 3.1.1", packet),
            _ => Refused(UplinkEndReason.ConnectRejected, "it is not available", packet),
        };
    }

    private static UplinkException RefusedBy5(ConnAckPacket packet)
    {
        ReasonCode code = (ReasonCode)packet.Code;
        string why = packet.Properties?.ReasonString is { Length: > 0 } reason ? $"{code}, {reason}" : $"{code}";
        return code switch
        {
            ReasonCode.UnsupportedProtocolVersion => Refused(UplinkEndReason.VersionRejected, "it does not speak MQTT 5.0", packet),
            ReasonCode.BadUserNameOrPassword or ReasonCode.NotAuthorized => Refused(UplinkEndReason.NotAuthorized, why, packet),
            _ => Refused(UplinkEndReason.ConnectRejected, why, packet, code),
        };
    }

    private static UplinkException Refused(UplinkEndReason reason, string why, ConnAckPacket packet, ReasonCode? code = null) =>
        new(reason, $"the upstream refuses: {why} (CONNACK {packet.Code})", code: code);
}
