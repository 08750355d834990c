namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// One try to connect to the upstream, from the name to the CONNACK, each step within its time. It connects as a bridge,
/// so that a broker which knows bridges takes the gateway's word for its devices and does not send back what came from
/// it; a broker which refuses that is asked again as a plain client, at once.
/// </summary>
internal sealed class UplinkConnector(UpstreamAddress address, UplinkHandshake handshake, GatewayLimits limits, TimeProvider time)
{
    private readonly UpstreamDialer _dialer = new(address);
    private bool _refusesBridges;

    /// <returns>The transport, which the caller closes, and whether the upstream has the Session of an earlier connection.</returns>
    /// <exception cref="UplinkException">It did not work out; says why.</exception>
    public async Task<(StreamTransport Transport, bool SessionPresent)> ConnectAsync(CancellationToken stopping)
    {
        if (!_refusesBridges)
        {
            try
            {
                return await ConnectAsync(asBridge: true, stopping);
            }
            catch (UplinkException exception) when (exception.End.Reason is UplinkEndReason.VersionRejected or UplinkEndReason.NoConnAck)
            {
                // Closing without a word can have other causes, so only the word is remembered.
                _refusesBridges = exception.End.Reason == UplinkEndReason.VersionRejected;
            }
        }

        return await ConnectAsync(asBridge: false, stopping);
    }

    private async Task<(StreamTransport Transport, bool SessionPresent)> ConnectAsync(bool asBridge, CancellationToken stopping)
    {
        StreamTransport transport = new(await WithinAsync(
            _dialer.DialAsync, limits.RelayConnectSecondsMax, UplinkEndReason.ConnectTimeout, "connection", stopping));
        try
        {
            bool sessionPresent = await WithinAsync(
                token => handshake.RunAsync(transport, asBridge, token), limits.RelayAnswerSecondsMax, UplinkEndReason.ConnAckTimeout, "CONNACK", stopping);
            return (transport, sessionPresent);
        }
        catch (Exception)
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> step, int secondsMax, UplinkEndReason late, string what, CancellationToken stopping)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(secondsMax), time);
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
