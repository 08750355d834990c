using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Provisioning;

/// <summary>
/// A client that waits for the birth message of a device: proof that a board that was flashed has found the gateway and may connect. A birth that
/// the gateway had kept from before does not count.
/// </summary>
internal sealed class BirthWatch(GatewayDoor gateway, string prefix, string device)
{
    private const int PacketBytesMax = 64 * 1024;
    private readonly byte[] _topic = Encoding.UTF8.GetBytes(DeviceTopic.BuildInfo(prefix, device));

    /// <param name="ready">Called when every birth from now on will be seen.</param>
    /// <returns>The birth message.</returns>
    /// <exception cref="UplinkException">The gateway cannot be reached, or does not admit this client.</exception>
    /// <exception cref="IOException">The connection has ended.</exception>
    /// <exception cref="OperationCanceledException">Nothing came in time.</exception>
    public async Task<string> WaitAsync(Action ready, CancellationToken cancellation)
    {
        await using StreamTransport transport = new(await gateway.DialAsync(cancellation), TimeProvider.System);
        Connect(transport.Output);
        _ = await transport.Output.FlushAsync(cancellation);
        while (true)
        {
            ReadResult result = await transport.Input.ReadAsync(cancellation);
            string? birth = Read(result.Buffer, transport.Output, ready, out SequencePosition consumed);
            transport.Input.AdvanceTo(consumed, result.Buffer.End);
            if (birth is not null)
                return birth;
            _ = await transport.Output.FlushAsync(cancellation);
            if (result.IsCompleted)
                throw new IOException("the gateway closed the connection");
        }
    }

    private void Connect(IBufferWriter<byte> output) => new ConnectPacket
    {
        Version = ProtocolVersion.V311,
        ClientId = $"flash-{Guid.NewGuid():N}",
        CleanStart = true,
        KeepAliveSeconds = 0, // The wait itself has an end.
        UserName = gateway.UserName,
        Password = gateway.PasswordUtf8,
    }.Write(output);

    private string? Read(in ReadOnlySequence<byte> buffer, IBufferWriter<byte> output, Action ready, out SequencePosition consumed)
    {
        FrameReader reader = new(buffer, PacketBytesMax, new StraddleBuffer());
        DecodeStatus status;
        while ((status = reader.TryRead(out Frame frame)) == DecodeStatus.Packet)
        {
            if (frame.Type == PacketType.ConnAck)
                Subscribe(frame, output);
            else if (frame.Type == PacketType.SubAck)
                ready();
            else if (frame.Type == PacketType.Publish && PublishPacket.TryDecode(frame, ProtocolVersion.V311, out PublishView view, out _)
                && !view.Retain && view.TopicName.SequenceEqual(_topic))
            {
                consumed = reader.Consumed;
                return Encoding.UTF8.GetString(view.Payload);
            }
        }

        consumed = reader.Consumed;
        return status == DecodeStatus.Malformed ? throw new IOException($"the gateway sent what is no MQTT: {reader.Reason.ToText()}") : null;
    }

    private void Subscribe(in Frame frame, IBufferWriter<byte> output)
    {
        if (!ConnAckPacket.TryDecode(frame, ProtocolVersion.V311, out ConnAckPacket? answer, out _) || answer.Code != (byte)ConnectReturnCode.Accepted)
            throw new IOException($"the gateway does not admit this client (CONNACK {answer?.Code})");
        SubscriptionRequest request = new(Filter(), QoS.AtMostOnce);
        new SubscribePacket { PacketId = 1, Requests = [request] }.Write(output, ProtocolVersion.V311);
    }

    // The name of a device has no wildcards: DeviceTopic has seen to it.
    private TopicFilter Filter() => TopicFilter.TryParse(_topic, out TopicFilter filter, out MalformedReason reason)
        ? filter
        : throw new InvalidOperationException($"a name of a device makes no Topic Filter: {reason.ToText()}");
}
