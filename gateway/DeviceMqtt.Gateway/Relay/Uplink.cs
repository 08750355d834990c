using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Routing;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>Keeps the gateway connected to its upstream for as long as it runs: connects, waits a while after a failure, connects again.</summary>
internal sealed class Uplink : BackgroundService
{
    // A connection that lasted this long was a good one: the next try need not wait. Shorter ones are tried ever more
    // slowly, or two gateways with one Client Identifier would take the link from each other without pause.
    private static readonly TimeSpan GoodConnection = TimeSpan.FromSeconds(5);

    private readonly UpstreamAddress _address;
    private readonly RelayOptions _options;
    private readonly RelaySession _session;
    private readonly UplinkHandshake _handshake;
    private readonly UpstreamDialer _dialer;
    private readonly Broker _broker;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile UplinkStatus _status;

    public Uplink(UpstreamAddress address, RelayOptions options, RelaySession session, UplinkPresence presence, Broker broker, TimeProvider time, ILogger log)
    {
        _address = address;
        _options = options;
        _session = session;
        _handshake = new UplinkHandshake(address, options, presence);
        _dialer = new UpstreamDialer(address);
        _broker = broker;
        _time = time;
        _log = log;
        _status = new UplinkStatus(UplinkState.Disconnected, time.GetUtcNow(), default);
    }

    public UplinkStatus Status => _status;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Backoff backoff = new(TimeSpan.FromMilliseconds(_options.BackoffMinMs), TimeSpan.FromMilliseconds(_options.BackoffMaxMs), Random.Shared);
        while (!stoppingToken.IsCancellationRequested)
        {
            UplinkEnd end = await ConnectAndRunAsync(backoff, stoppingToken);
            ReportEnd(end);
            if (end.Reason == UplinkEndReason.Stopping)
                break;
            await Task.Delay(backoff.Next(), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_session.Buffer.Count > 0)
            _log.BacklogLost(_address, _session.Buffer.Count);
    }

    private async Task<UplinkEnd> ConnectAndRunAsync(Backoff backoff, CancellationToken stopping)
    {
        if (_status.State == UplinkState.Disconnected && _status.LastEnd.Reason == UplinkEndReason.None)
            _log.Connecting(_address, _options.ClientId);
        _status = new UplinkStatus(UplinkState.Connecting, _status.Since, _status.LastEnd);
        try
        {
            await using StreamTransport transport = new(await WithinAsync(
                _dialer.DialAsync, _broker.Limits.RelayConnectSecondsMax, UplinkEndReason.ConnectTimeout, "connection", stopping));
            bool sessionPresent = await WithinAsync(
                token => _handshake.RunAsync(transport, token), _broker.Limits.RelayAnswerSecondsMax, UplinkEndReason.ConnAckTimeout, "CONNACK", stopping);
            ReportConnected(sessionPresent);
            long began = _time.GetTimestamp();
            UplinkEnd end = await new UplinkConnection(transport, _broker, _session, _options, _time).RunAsync(sessionPresent, stopping);
            if (_time.GetElapsedTime(began) >= GoodConnection)
                backoff.Reset();
            return end;
        }
        catch (UplinkException exception)
        {
            return exception.End;
        }
        catch (Exception exception)
        {
            _log.UplinkFailed(exception, _address);
            return new UplinkEnd(UplinkEndReason.InternalError, exception.Message);
        }
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> step, int secondsMax, UplinkEndReason late, string what, CancellationToken stopping)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(secondsMax), _time);
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

    private void ReportConnected(bool sessionPresent)
    {
        _status = new UplinkStatus(UplinkState.Connected, _time.GetUtcNow(), _status.LastEnd);
        _log.Connected(_address, _options.ClientId, sessionPresent, _session.Buffer.Count);
    }

    // One line when the link goes down, and one when the reason changes; not one per try.
    private void ReportEnd(UplinkEnd end)
    {
        UplinkStatus before = _status;
        bool wasConnected = before.State == UplinkState.Connected;
        bool isFirst = before.LastEnd.Reason == UplinkEndReason.None;
        _status = new UplinkStatus(UplinkState.Disconnected, wasConnected ? _time.GetUtcNow() : before.Since, end);
        if (end.Reason == UplinkEndReason.Stopping)
            _log.Left(_address);
        else if (wasConnected || isFirst || before.LastEnd.Reason != end.Reason)
            _log.Disconnected(_address, end.Reason, end.Detail, _session.Buffer.Count);
    }
}
