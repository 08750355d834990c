using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Asks a running gateway something on a topic of its own, and gets its answer: <see cref="IAsideCommands"/>, <see cref="ITraceAnswers"/>.</summary>
/// <param name="gateway">Which.</param>
/// <param name="topic">Where it takes the question, and answers.</param>
/// <param name="isAnsweredLater">The answer may come after the acknowledgement.</param>
internal sealed class AsideClient(GatewayDoor gateway, string topic = IAsideCommands.Topic, bool isAnsweredLater = false)
{
    private const int PacketBytesMax = 16 * 1024 * 1024; // a thousand messages with their payloads
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="UplinkException">There is no gateway at the address, or it refuses; says why.</exception>
    public async Task<string> AskAsync(string words, CancellationToken stop)
    {
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(AnswerTimeout);
        try
        {
            await using Stream stream = await gateway.DialAsync(timeout.Token);
            PipeWriter output = PipeWriter.Create(stream);
            new ConnectPacket { UserName = gateway.UserName, Password = gateway.PasswordUtf8 }.Write(output);
            PublishPacket.Write(output, ProtocolVersion.V311, Encoding.UTF8.GetBytes(topic), properties: default, Encoding.UTF8.GetBytes(words), QoS.AtLeastOnce, retain: false, dup: false, packetId: 1);
            _ = await output.FlushAsync(timeout.Token);
            return await ReadAsync(PipeReader.Create(stream), timeout.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new UplinkException(UplinkEndReason.ConnAckTimeout, isAnsweredLater ? $"no answer within {AnswerTimeout.TotalSeconds} s; this user may be no operator (Security:Roles)" : $"no answer within {AnswerTimeout.TotalSeconds} s");
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new UplinkException(UplinkEndReason.ConnectionLost, UplinkText.Of(exception), exception);
        }
    }

    private async Task<string> ReadAsync(PipeReader input, CancellationToken stop)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(stop);
            if (Find(result.Buffer, out SequencePosition consumed) is { } answer)
                return answer;
            input.AdvanceTo(consumed, result.Buffer.End);
            if (result.IsCompleted)
                throw new UplinkException(UplinkEndReason.ConnectionLost, "the gateway closed the connection");
        }
    }

    // Where the answer comes before the acknowledgement: without one, the gateway did not take the words as an operator's.
    private string? Find(in ReadOnlySequence<byte> buffer, out SequencePosition consumed)
    {
        FrameReader reader = new(buffer, PacketBytesMax, new StraddleBuffer());
        DecodeStatus status;
        while ((status = reader.TryRead(out Frame frame)) == DecodeStatus.Packet)
        {
            consumed = reader.Consumed;
            if (frame.Type == PacketType.ConnAck && ConnAckPacket.TryDecode(frame, ProtocolVersion.V311, out ConnAckPacket? connAck, out _) && connAck.Code != 0)
                throw new UplinkException(UplinkEndReason.NotAuthorized, $"the gateway refuses (CONNACK {connAck.Code}): user name and password go into the address");
            if (frame.Type == PacketType.Publish && PublishPacket.TryDecode(frame, ProtocolVersion.V311, out PublishView view, out _))
                return Encoding.UTF8.GetString(view.Payload);
            if (frame.Type == PacketType.PubAck && !isAnsweredLater)
                throw new UplinkException(UplinkEndReason.NotAuthorized, "it has no upstream, or this user is no operator (Security:Roles)");
        }

        consumed = reader.Consumed;
        return status == DecodeStatus.Malformed ? throw new UplinkException(UplinkEndReason.NotMqtt, "what answers there does not speak MQTT") : null;
    }
}
