using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Tests;

/// <summary>The upstream's end of one connection. It does nothing by itself: acknowledging is up to the test.</summary>
internal sealed class UpstreamPeer : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly PipeReader _in;
    private readonly PipeWriter _out;
    private readonly StraddleBuffer _scratch = new();

    public UpstreamPeer(Socket socket)
    {
        socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _in = PipeReader.Create(_stream, new StreamPipeReaderOptions(leaveOpen: true));
        _out = PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    /// <summary>What the gateway's CONNECT asked for.</summary>
    public ProtocolVersion Version { get; private set; } = ProtocolVersion.V311;

    public async Task SendAsync(byte[] bytes) => _ = await _out.WriteAsync(bytes);

    public Task SendConnAckAsync(byte code, bool sessionPresent = false, ConnAckProperties? properties = null) =>
        SendAsync(w => new ConnAckPacket { Code = code, SessionPresent = sessionPresent, Properties = properties }.Write(w, Version));

    public Task SendPublishAsync(string topic, string payload, QoS qos, ushort packetId, bool dup = false, bool retain = false, byte[]? properties = null) =>
        SendAsync(w => PublishPacket.Write(w, Version, Encoding.UTF8.GetBytes(topic), properties ?? [], Encoding.UTF8.GetBytes(payload), qos, retain, dup, packetId));

    public Task SendAckAsync(PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success) => SendAsync(w => AckPacket.Write(w, type, Version, packetId, reason));

    public async Task<ConnectPacket> ReceiveConnectAsync()
    {
        ConnectPacket connect = (await ReceiveAsync()).As<ConnectPacket>(PacketType.Connect, ConnectPacket.TryDecode);
        Version = connect.Version;
        return connect;
    }

    public async Task<ReceivedPublish> ReceivePublishAsync() => ReceivedPublish.From(await ReceiveAsync(), Version);

    /// <summary>The gateway's presence, which is the first PUBLISH of a connection without leftovers; acknowledged.</summary>
    public async Task ReceivePresenceAsync(string payload = "true")
    {
        ReceivedPublish presence = await ReceivePublishAndAckAsync();
        Assert.AreEqual(("presence/gw", payload, true), (presence.Topic, presence.Payload, presence.Retain));
    }

    /// <summary>PINGREQ, which is first where the gateway looks for a packet of its own that the upstream does not take; answered.</summary>
    public async Task AnswerPingAsync()
    {
        Assert.AreEqual(PacketType.PingReq, (await ReceiveAsync()).Type);
        await SendAsync([0xD0, 0]);
    }

    public async Task<ReceivedPublish> ReceivePublishAndAckAsync()
    {
        ReceivedPublish publish = await ReceivePublishAsync();
        Assert.AreEqual(QoS.AtLeastOnce, publish.QoS);
        await SendAckAsync(PacketType.PubAck, publish.PacketId);
        return publish;
    }

    public async Task<SubscribePacket> ReceiveSubscribeAsync() => AsSubscribe(await ReceiveAsync());

    /// <summary>Reads a packet of the relay as the SUBSCRIBE that it must be.</summary>
    public SubscribePacket AsSubscribe(ReceivedPacket packet) =>
        packet.As(PacketType.Subscribe, (in Frame f, out SubscribePacket? p, out MalformedReason r) => SubscribePacket.TryDecode(f, Version, out p, out r));

    public async Task<UnsubscribePacket> ReceiveUnsubscribeAsync() =>
        (await ReceiveAsync()).As(PacketType.Unsubscribe, (in Frame f, out UnsubscribePacket? p, out MalformedReason r) => UnsubscribePacket.TryDecode(f, Version, out p, out r));

    /// <summary>The next SUBSCRIBE, granted; each PUBLISH before it is acknowledged.</summary>
    /// <param name="filter">Which it asks for: each SUBSCRIBE before that one is granted, too. Null for any.</param>
    public async Task<SubscribePacket> SkipToSubscribeAsync(string? filter = null)
    {
        while (true)
        {
            ReceivedPacket packet = await ReceiveAsync();
            if (packet.Type == PacketType.Publish)
            {
                await SendAckAsync(PacketType.PubAck, ReceivedPublish.From(packet, Version).PacketId);
                continue;
            }

            SubscribePacket subscribe = AsSubscribe(packet);
            await SendSubAckAsync(subscribe);
            if (filter is null || subscribe.Requests.Any(r => r.Filter.Value == filter))
                return subscribe;
        }
    }

    /// <summary>The next packet that is neither SUBSCRIBE nor PUBLISH; these are granted and acknowledged. Null when the relay has closed the connection.</summary>
    public async Task<ReceivedPacket?> NextAnswerAsync()
    {
        while (await TryReceiveAsync() is { } packet)
        {
            if (packet.Type == PacketType.Subscribe)
                await SendSubAckAsync(AsSubscribe(packet));
            else if (packet.Type == PacketType.Publish)
                await SendAckAsync(PacketType.PubAck, ReceivedPublish.From(packet, Version).PacketId);
            else
                return packet;
        }

        return null;
    }

    /// <summary>The next packet subscribes to these filters; answered with a code for each.</summary>
    public async Task GrantAsync(string[] filters, ReasonCode code = ReasonCode.GrantedQoS2)
    {
        SubscribePacket packet = await ReceiveSubscribeAsync();
        CollectionAssert.AreEqual(filters, packet.Requests.Select(r => r.Filter.Value).ToArray());
        await SendSubAckAsync(packet, code);
    }

    public Task SendSubAckAsync(SubscribePacket packet, ReasonCode code = ReasonCode.GrantedQoS2) =>
        SendAsync(w => new SubAckPacket { PacketId = packet.PacketId, ReasonCodes = [.. packet.Requests.Select(_ => code)] }.Write(w, Version));

    public async Task ExpectAckAsync(PacketType type, ushort packetId) =>
        Assert.AreEqual(packetId, ReceivedAck.From(await ReceiveAsync(), type, Version).PacketId);

    /// <summary>The next packet; fails when the connection ends instead.</summary>
    public async Task<ReceivedPacket> ReceiveAsync() =>
        await TryReceiveAsync() ?? throw new AssertFailedException("the relay closed the connection where a packet was expected");

    /// <summary>The next packet, or null when the relay has closed the connection.</summary>
    public async Task<ReceivedPacket?> TryReceiveAsync()
    {
        while (true)
        {
            ReadResult result = await Patience.Within(_in.ReadAsync().AsTask(), "a packet of the relay");
            if (TryCut(result.Buffer, out ReceivedPacket? packet, out SequencePosition consumed))
            {
                _in.AdvanceTo(consumed);
                return packet;
            }

            _in.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
                return null;
        }
    }

    /// <summary>The relay closes the connection without another packet.</summary>
    public async Task ExpectCloseAsync() => Assert.IsNull(await TryReceiveAsync());

    /// <summary>Answers a TLS handshake that the other side breaks off.</summary>
    public async Task RefusedTlsAsync(X509Certificate2 certificate)
    {
        await using SslStream secure = new(_stream, leaveInnerStreamOpen: true);
        try
        {
            await secure.AuthenticateAsServerAsync(certificate);
            // With TLS 1.3 the server is done before the client has looked at the certificate.
            Assert.AreEqual(0, await secure.ReadAsync(new byte[1]));
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            // The refusal, told as an alert or by closing.
        }
    }

    /// <summary>The connection breaks.</summary>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task SendAsync(Action<IBufferWriter<byte>> write)
    {
        write(_out);
        _ = await _out.FlushAsync();
    }

    private bool TryCut(in ReadOnlySequence<byte> buffer, out ReceivedPacket? packet, out SequencePosition consumed)
    {
        FrameReader reader = new(buffer, int.MaxValue, _scratch);
        DecodeStatus status = reader.TryRead(out Frame frame);
        Assert.AreNotEqual(DecodeStatus.Malformed, status, $"the relay sent bytes that are no packet: {reader.Reason}");
        packet = status == DecodeStatus.Packet ? new ReceivedPacket(frame.Packet.ToArray()) : null;
        consumed = reader.Consumed;
        return packet is not null;
    }
}
