using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Asks a running gateway what is on its <c>$SYS</c> topics, as any client may that is allowed to read them.</summary>
internal sealed class StatusClient(GatewayDoor gateway)
{
    private const string Root = "$SYS/broker/";
    private const int QuietRounds = 3;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>All values, by the part of their topic behind <c>$SYS/broker/</c>.</summary>
    /// <exception cref="UplinkException">There is no gateway at the address, or it refuses; says why.</exception>
    public async Task<SortedDictionary<string, string>> ReadAsync(CancellationToken stop)
    {
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(AnswerTimeout);
        try
        {
            await using Stream stream = await gateway.DialAsync(timeout.Token);
            PipeWriter output = PipeWriter.Create(stream);
            Ask(output);
            _ = await output.FlushAsync(timeout.Token);
            return await ReadAsync(PipeReader.Create(stream), output, timeout.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new UplinkException(UplinkEndReason.ConnAckTimeout, $"no answer within {AnswerTimeout.TotalSeconds} s");
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new UplinkException(UplinkEndReason.ConnectionLost, UplinkText.Of(exception), exception);
        }
    }

    // What is retained may come over more than one turn of the gateway: when some PINGREQ in a row bring nothing more, all has come.
    private void Ask(PipeWriter output)
    {
        new ConnectPacket { UserName = gateway.UserName, Password = gateway.PasswordUtf8 }.Write(output);
        _ = TopicFilter.TryParse(Root + "#", out TopicFilter filter, out _);
        new SubscribePacket { PacketId = 1, Requests = [new SubscriptionRequest(filter, QoS.AtMostOnce)] }.Write(output, ProtocolVersion.V311);
        output.Write(PingPackets.PingReq);
    }

    private static async Task<SortedDictionary<string, string>> ReadAsync(PipeReader input, PipeWriter output, CancellationToken stop)
    {
        SortedDictionary<string, string> values = new(StringComparer.Ordinal);
        for (int known = 0, quiet = 0; ;)
        {
            ReadResult result = await input.ReadAsync(stop);
            bool isAnswered = BrokerPackets.Take(result.Buffer, "the gateway", (topic, text) => values[topic[Root.Length..]] = text, static (in frame) => frame.Type == PacketType.PingResp, out SequencePosition consumed);
            input.AdvanceTo(consumed, result.Buffer.End);
            if (isAnswered)
            {
                quiet = values.Count == known ? quiet + 1 : 0;
                known = values.Count;
                if (quiet == QuietRounds)
                    return values;
                output.Write(PingPackets.PingReq);
                _ = await output.FlushAsync(stop);
            }

            if (result.IsCompleted)
                throw new UplinkException(UplinkEndReason.ConnectionLost, "the gateway closed the connection");
        }
    }
}
