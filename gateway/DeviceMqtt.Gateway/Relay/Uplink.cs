using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>Keeps the gateway connected to its upstream for as long as it runs: connects, waits a while after a failure, connects again.</summary>
internal sealed class Uplink(UpstreamAddress address, RelayOptions options, RelaySession session, UplinkConnector connector, Broker broker, TimeProvider time, ILogger log)
    : BackgroundService
{
    // A connection that lasted this long was a good one: the next try need not wait. Shorter ones are tried ever more
    // slowly, or two gateways with one Client Identifier would take the link from each other without pause.
    private static readonly TimeSpan GoodConnection = TimeSpan.FromSeconds(5);

    private volatile UplinkStatus _status = new(UplinkState.Disconnected, time.GetUtcNow(), default);

    public UplinkStatus Status => _status;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Backoff backoff = new(TimeSpan.FromMilliseconds(options.BackoffMinMs), TimeSpan.FromMilliseconds(options.BackoffMaxMs), Random.Shared);
        log.Connecting(address, options.ClientId);
        while (!stoppingToken.IsCancellationRequested)
        {
            _status = new UplinkStatus(UplinkState.Connecting, _status.Since, _status.LastEnd);
            UplinkEnd end = await ConnectAndRunAsync(backoff, stoppingToken);
            ReportEnd(end);
            if (end.Reason != UplinkEndReason.Stopping)
                await Task.Delay(backoff.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (session.Buffer.Count > 0 && broker.Custody.IsOn)
            log.BacklogKept(address, session.Buffer.Count);
        else if (session.Buffer.Count > 0)
            log.BacklogLost(address, session.Buffer.Count);
    }

    private async Task<UplinkEnd> ConnectAndRunAsync(Backoff backoff, CancellationToken stopping)
    {
        try
        {
            (StreamTransport transport, bool sessionPresent) = await connector.ConnectAsync(stopping);
            await using (transport)
            {
                ReportConnected(sessionPresent);
                long began = time.GetTimestamp();
                UplinkEnd end = await new UplinkConnection(transport, broker, session, options, time).RunAsync(sessionPresent, stopping);
                if (time.GetElapsedTime(began) >= GoodConnection)
                    backoff.Reset();
                return end;
            }
        }
        catch (UplinkException exception)
        {
            return exception.End;
        }
        catch (Exception exception)
        {
            log.UplinkFailed(exception, address);
            return new UplinkEnd(UplinkEndReason.InternalError, exception.Message);
        }
    }

    private void ReportConnected(bool sessionPresent)
    {
        _status = new UplinkStatus(UplinkState.Connected, time.GetUtcNow(), _status.LastEnd);
        log.Connected(address, options.ClientId, sessionPresent, session.Buffer.Count);
    }

    // One line when the link goes down, and one when the reason changes; not one per try.
    private void ReportEnd(UplinkEnd end)
    {
        UplinkStatus before = _status;
        bool wasConnected = before.State == UplinkState.Connected;
        _status = new UplinkStatus(UplinkState.Disconnected, wasConnected ? time.GetUtcNow() : before.Since, end);
        if (end.Reason == UplinkEndReason.Stopping)
            log.Left(address);
        else if (wasConnected || before.LastEnd.Reason != end.Reason)
            log.Disconnected(address, end.Reason, end.Detail, session.Buffer.Count);
    }
}
