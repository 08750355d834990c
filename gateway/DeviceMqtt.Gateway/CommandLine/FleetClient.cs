using System.IO.Pipelines;
using System.Net.Sockets;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Reads what many gateways have told of themselves, from the broker that they have in common.</summary>
internal sealed class FleetClient(GatewayDoor broker)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Listens for a while, so that two that tell by turns are both heard.</summary>
    /// <param name="filters">What to subscribe to.</param>
    /// <param name="listen">How long, from the SUBACK on.</param>
    /// <param name="received">Gets each message: its topic and its text.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="UplinkException">There is no broker at the address, or it refuses; says why.</exception>
    public async Task ReadAsync(IReadOnlyList<string> filters, TimeSpan listen, Action<string, string> received, CancellationToken stop)
    {
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(AnswerTimeout);
        bool isGranted = false;
        try
        {
            await using Stream stream = await broker.DialAsync(timeout.Token);
            PipeWriter output = PipeWriter.Create(stream);
            new ConnectPacket { UserName = broker.UserName, Password = broker.PasswordUtf8 }.Write(output);
            new SubscribePacket { PacketId = 1, Requests = [.. filters.Select(static text => new SubscriptionRequest(Parse(text), QoS.AtMostOnce))] }.Write(output, ProtocolVersion.V311);
            _ = await output.FlushAsync(timeout.Token);
            PipeReader input = PipeReader.Create(stream);
            while (true)
            {
                ReadResult result = await input.ReadAsync(timeout.Token);
                bool isNow = BrokerPackets.Take(result.Buffer, "the broker", received, IsGranted, out SequencePosition consumed);
                input.AdvanceTo(consumed, result.Buffer.End);
                if (isNow && !isGranted)
                    timeout.CancelAfter(listen);
                isGranted |= isNow;
                if (result.IsCompleted)
                    throw new UplinkException(UplinkEndReason.ConnectionLost, "the broker closed the connection");
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            if (!isGranted)
                throw new UplinkException(UplinkEndReason.ConnAckTimeout, $"no answer within {AnswerTimeout.TotalSeconds} s");
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new UplinkException(UplinkEndReason.ConnectionLost, UplinkText.Of(exception), exception);
        }
    }

    private static TopicFilter Parse(string text) =>
        TopicFilter.TryParse(text, out TopicFilter filter, out MalformedReason reason) ? filter : throw new Broker.Words.SettingException($"'{text}' is no Topic Filter: {reason.ToText()}");

    private static bool IsGranted(in Frame frame) =>
        frame.Type == PacketType.SubAck && SubAckPacket.TryDecode(frame, ProtocolVersion.V311, out SubAckPacket? subAck, out _)
        && (subAck.ReasonCodes[0] < ReasonCode.UnspecifiedError ? true : throw new UplinkException(UplinkEndReason.NotAuthorized, "this user may not subscribe there"));
}
