using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>
/// A client without any behaviour of its own: it sends what a test says and reads what comes. Acknowledging is up to the
/// test. <see cref="SendAsync(byte[])"/> returns when the gateway has handled the bytes, unless it holds this client back.
/// </summary>
internal sealed partial class TestClient(TestTransport transport, ProtocolVersion version, long connection, ICloseReasons log)
{
    private readonly PipeWriter _out = transport.ToGateway;
    private readonly PipeReader _in = transport.FromGateway;
    private readonly StraddleBuffer _scratch = new();
    private ushort _lastPacketId;

    public ProtocolVersion Version { get; } = version;

    public TestTransport Transport { get; } = transport;

    /// <summary>Why the gateway says the connection ended.</summary>
    public CloseReason CloseReason => log.ReasonOf(connection);

    public ushort NextPacketId() => ++_lastPacketId;

    public async Task SendAsync(byte[] bytes)
    {
        _out.Write(bytes);
        _ = await _out.FlushAsync();
    }

    /// <summary>Sends whatever the action writes, in one piece.</summary>
    public async Task SendAsync(Action<IBufferWriter<byte>> write)
    {
        write(_out);
        _ = await _out.FlushAsync();
    }

    /// <summary>The client closes its side without DISCONNECT.</summary>
    public async Task DropAsync()
    {
        await _out.CompleteAsync();
        await WaitForEndAsync();
    }

    /// <summary>The network breaks: reading and writing fail on both sides.</summary>
    public async Task ResetAsync()
    {
        await _out.CompleteAsync(new IOException("connection reset"));
        await _in.CompleteAsync(new IOException("connection reset"));
        await WaitForEndAsync();
    }

    public Task WaitForEndAsync() => Patience.Within(Transport.Ended, "the end of the connection");

    /// <summary>The next packet; fails when the connection ends instead.</summary>
    public async Task<ReceivedPacket> ReceiveAsync() =>
        await TryReceiveAsync() ?? throw new AssertFailedException($"the connection ended with {CloseReason} where a packet was expected");

    /// <summary>The next packet, or null when the connection has ended.</summary>
    public async Task<ReceivedPacket?> TryReceiveAsync()
    {
        while (true)
        {
            ReadResult result = await Patience.Within(_in.ReadAsync().AsTask(), "a packet of the gateway");
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

    /// <summary>The next packet if it has arrived already; null when nothing has.</summary>
    public ReceivedPacket? TryReceiveNow()
    {
        if (!_in.TryRead(out ReadResult result))
            return null;
        bool whole = TryCut(result.Buffer, out ReceivedPacket? packet, out SequencePosition consumed);
        // What is left is not marked as seen, or the next TryRead would not find it.
        _in.AdvanceTo(whole ? consumed : result.Buffer.Start);
        return packet;
    }

    /// <summary>The connection ends with this reason, and nothing is sent before but the DISCONNECT named.</summary>
    public async Task ExpectCloseAsync(CloseReason reason, ReasonCode? disconnect = null)
    {
        if (disconnect is { } code)
            Assert.AreEqual(code, (await ReceiveDisconnectAsync()).ReasonCode);
        ReceivedPacket? surplus = await TryReceiveAsync();
        Assert.IsNull(surplus, $"after the connection was to be closed came {surplus}");
        await WaitForEndAsync();
        Assert.AreEqual(reason, CloseReason);
    }

    /// <summary>Nothing was sent to this client: what comes next answers a PINGREQ of now.</summary>
    public async Task ExpectNothingAsync()
    {
        await SendAsync(PingPackets.PingReq.ToArray());
        ReceivedPacket packet = await ReceiveAsync();
        Assert.AreEqual(PacketType.PingResp, packet.Type, packet.ToString());
    }

    private bool TryCut(in ReadOnlySequence<byte> buffer, out ReceivedPacket? packet, out SequencePosition consumed)
    {
        FrameReader reader = new(buffer, int.MaxValue, _scratch);
        DecodeStatus status = reader.TryRead(out Frame frame);
        Assert.AreNotEqual(DecodeStatus.Malformed, status, $"the gateway sent bytes that are no packet: {reader.Reason}");
        packet = status == DecodeStatus.Packet ? new ReceivedPacket(frame.Packet.ToArray()) : null;
        consumed = reader.Consumed;
        return packet is not null;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
