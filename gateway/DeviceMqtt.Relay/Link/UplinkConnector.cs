using System.Buffers;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Link;

/// <summary>
/// One try to connect to one address of the upstream, from the name to the CONNACK, each step within its time. It begins
/// with the best form that the upstream may know (<see cref="UplinkForm"/>); a broker which refuses that is asked again
/// in the next, at once. Some close without a word, but so does one that is just going away, and in a lesser form a message
/// no longer says where it has been: it would go round between two gateways. So silence has to come twice in a row, and from a broker that has
/// never taken that form.
/// </summary>
internal sealed class UplinkConnector(UpstreamAddress address, RelayOptions options, UplinkHandshake handshake, GatewayLimits limits, RelayWorld world, UplinkForm[]? forms = null)
{
    private readonly UpstreamDialer _dialer = new(address, options.Tls, world.Network);
    private readonly List<UplinkForm> _forms = [.. forms ?? UplinkForm.For(options)];

    // The best form that was ever taken: those behind it are for others.
    private int _bestTaken = int.MaxValue;

    public UpstreamAddress Address => address;

    /// <returns>The transport, which the caller closes, and what the upstream takes.</returns>
    /// <exception cref="UplinkException">It did not work out; says why.</exception>
    public async Task<(StreamTransport Transport, UplinkTerms Terms)> ConnectAsync(CancellationToken stopping)
    {
        bool wasSilent = false;
        bool isFitted = false; // in this try
        for (int i = 0; ;)
        {
            UplinkForm form = _forms[i];
            bool isLast = i == _forms.Count - 1;
            try
            {
                (StreamTransport transport, UplinkTerms terms) = await ConnectAsync(form, stopping);
                _bestTaken = Math.Min(_bestTaken, i);
                if (form.RetainsWill || !terms.HasRetain)
                    return (transport, terms);
                // What is retained of presence nobody would take back. One that refused it just now, and says so all the same, gets nothing retained.
                if (isFitted)
                    return (transport, terms with { HasRetain = false });
                await LeaveAsync(transport);
                _forms[i] = form with { RetainsWill = true };
            }
            catch (UplinkException exception) when (form.Fitting(exception.Code) is { } fitting)
            {
                _forms[i] = fitting;
                isFitted = true;
            }
            catch (UplinkException exception) when (!isLast && exception.End.Reason == UplinkEndReason.VersionRejected)
            {
                _forms.RemoveAt(i);
                _bestTaken = int.MaxValue;
                wasSilent = false;
            }
            catch (UplinkException exception) when (!isLast && exception.End.Reason == UplinkEndReason.NoConnAck && i < _bestTaken)
            {
                // Only the word is remembered.
                if (wasSilent)
                    i++;
                wasSilent = !wasSilent;
            }
        }
    }

    private async Task<(StreamTransport Transport, UplinkTerms Terms)> ConnectAsync(UplinkForm form, CancellationToken stopping)
    {
        (Stream stream, IGathering? gathering) = await WithinAsync(_dialer.DialBothAsync, limits.RelayConnectSecondsMax, UplinkEndReason.ConnectTimeout, "connection", stopping);
        StreamTransport transport = new(stream, world.Time, isMostlyIdle: !handshake.Identity.IsGateway) { Gathering = gathering };
        try
        {
            UplinkTerms terms = await WithinAsync(
                token => handshake.RunAsync(transport, form, token), limits.RelayAnswerSecondsMax, UplinkEndReason.ConnAckTimeout, "CONNACK", stopping);
            return (transport, terms);
        }
        catch (Exception)
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    // With DISCONNECT: its Will is not to be published.
    private static async Task LeaveAsync(StreamTransport transport)
    {
        transport.Output.Write(DisconnectPacket.Normal);
        _ = await transport.Output.FlushAsync();
        await transport.DisposeAsync();
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> step, int secondsMax, UplinkEndReason late, string what, CancellationToken stopping)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(secondsMax), world.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            return await step(either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new UplinkException(UplinkEndReason.Stopping, "the gateway stops");
        }
        catch (OperationCanceledException)
        {
            throw new UplinkException(late, $"no {what} within {secondsMax} s");
        }
    }
}
