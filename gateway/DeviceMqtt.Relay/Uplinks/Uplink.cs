using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Log;
using DeviceMqtt.Relay.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Uplinks;

/// <summary>
/// Keeps the gateway connected to one upstream for as long as it runs: tries its addresses in turn, waits a while when all
/// have failed, and tries again.
/// </summary>
internal sealed class Uplink(RelayOptions options, RelaySession session, IReadOnlyList<UplinkConnector> connectors, BrokerState broker, RelayWorld world, ILogger log)
    : BackgroundService
{
    // So many short connections in a row that ended for one reason have their lines; the next has one when it lasts.
    private const int ShortConnectionsLogged = 3;

    // Connections to one address in a row that the gateway has ended itself because of what is answered there. Chosen: with their pauses a minute or two, until another address has its turn.
    private const int SameAddressMax = 8;
    private int _atTheSame;
    private UplinkEndReason _shortFor;
    private int _short;
    private bool _hasAskedAgain;

    // Why each address failed last, since the last connection: said once, however often it fails so.
    private readonly Dictionary<UplinkConnector, UplinkEndReason> _said = [];
    private readonly RetryPause _pause = new(world.Time);
    private volatile UplinkStatus _status = new(UplinkState.Disconnected, world.Time.GetUtcNow(), default, connectors[0].Address.ToString(), Version: "");

    public string Name => options.Name;

    public RelaySession Session => session;

    public UplinkStatus Status => _status;

    /// <summary>When the next try begins, by the clock of this machine; null while the link is up or a try is under way.</summary>
    public DateTimeOffset? NextTry => _pause.Ends;

    /// <summary>Connections in a row that have ended at once, for one reason: two gateways with one Client Identifier take the connection from each other like that.</summary>
    public int ShortInARow => Volatile.Read(ref _short);

    /// <summary>Called when the link is up, or down, or down for another reason. Outside a turn.</summary>
    public Action? Changed { get; set; }

    /// <summary>Begins the next try now, without the rest of the pause. From any thread. If the try fails, the pause behind it is as long as it would have been.</summary>
    /// <returns>False when there is no pause: the link is up or a try is under way.</returns>
    public bool TryNow() => _pause.TryEnd();

    /// <summary>Other rules count from now on, without a new connection: <c>Rules</c>, <c>Out</c> and <c>BufferQoS0</c>. Checked before; inside a turn.</summary>
    public void UseRules(RelayOptions others)
    {
        options.Rules = others.Rules;
        options.Out = others.Out;
        options.BufferQoS0 = others.BufferQoS0;
        session.RulesChanged();
    }

    /// <summary>Keeps the gateway connected until it is told to stop; then takes its leave.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        Backoff backoff = new(TimeSpan.FromMilliseconds(options.BackoffMinMs), TimeSpan.FromMilliseconds(options.BackoffMaxMs), world.Random);
        log.Connecting(Label(string.Join(", ", connectors.Select(static c => c.Address))), options.ClientId);
        if (UpstreamProfile.Find(options.Profile)!.Adaptations() is { Length: > 0 } adaptations)
            log.Adapting(options.Name, options.Profile, adaptations);
        for (int next = 0, tried = 1; !stopping.IsCancellationRequested; tried++)
        {
            UplinkConnector connector = connectors[next];
            _status = _status with { State = UplinkState.Connecting, Address = connector.Address.ToString() };
            (UplinkEnd end, bool wasGood) = await ConnectAndRunAsync(connector, stopping);
            ReportEnd(connector, end, wasGood);
            if (wasGood)
            {
                backoff.Reset();
                tried = 1;
            }

            bool staysThere = StaysAt(end);
            if (!staysThere)
                next = (next + 1) % connectors.Count;
            if (end.Reason == UplinkEndReason.Stopping || (tried < connectors.Count && !staysThere))
                continue;
            tried = 0;
            await _pause.WaitAsync(backoff.Next(), stopping);
        }

        using (broker.Turn.Enter())
            session.Leave();
        string label = Label(_status.Address);
        if (session.Buffer.Count > 0 && broker.Custody.IsOn)
            log.BacklogKept(label, session.Buffer.Count);
        else if (session.Buffer.Count > 0)
            log.BacklogLost(label, session.Buffer.Count);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    // The Wills of the devices are held where the gateway was connected, and are until it is back: elsewhere they would have to be held anew, and the devices would be shown offline meanwhile.
    private bool StaysAt(UplinkEnd end)
    {
        // Whom there was no room for has what was not acknowledged, and sends it again on a new connection; another node knows nothing of it.
        if (end.Reason == UplinkEndReason.NoRoomHere)
            return true;
        // One that answers nothing is no better than one that is gone.
        bool isToStay = end.IsToComeBack && end.Reason != UplinkEndReason.AckTimeout && _atTheSame + 1 < SameAddressMax;
        _atTheSame = isToStay ? _atTheSame + 1 : 0;
        return isToStay;
    }

    private async Task<(UplinkEnd End, bool WasGood)> ConnectAndRunAsync(UplinkConnector connector, CancellationToken stopping)
    {
        try
        {
            (StreamTransport transport, UplinkTerms terms) = await connector.ConnectAsync(stopping);
            await using (transport)
            {
                bool isQuiet = _short >= ShortConnectionsLogged;
                ReportConnected(connector, terms, isQuiet);
                long began = world.Time.GetTimestamp();
                Task<UplinkEnd> running = new UplinkConnection(transport, broker, session, terms, options, world.Time).RunAsync(stopping);
                if (isQuiet && await Task.WhenAny(running, Awaiting.OnContextAsync(Task.Delay(Backoff.GoodConnection, world.Time, stopping))) != running)
                    LogConnected(terms);
                UplinkEnd end = await running;
                bool hasLasted = world.Time.GetElapsedTime(began) >= Backoff.GoodConnection;
                // There is room for what was not acknowledged: the upstream is to send it again now. Not twice in a row, where the room goes to others each time.
                bool isToAskAgain = end.Reason == UplinkEndReason.NoRoomHere && !_hasAskedAgain;
                _hasAskedAgain = isToAskAgain;
                return (end, hasLasted || isToAskAgain || session.FoundCulprit);
            }
        }
        catch (UplinkException exception)
        {
            return (exception.End, false);
        }
        catch (Exception exception)
        {
            log.UplinkFailed(exception, Label(connector.Address.ToString()));
            return (new UplinkEnd(UplinkEndReason.InternalError, exception.Message), false);
        }
    }

    private void ReportConnected(UplinkConnector connector, UplinkTerms terms, bool isQuiet)
    {
        if (!isQuiet)
            _said.Clear();
        _status = new UplinkStatus(UplinkState.Connected, world.Time.GetUtcNow(), _status.LastEnd, connector.Address.ToString(), terms.VersionText);
        if (!isQuiet)
            LogConnected(terms);
        Changed?.Invoke();
    }

    private void LogConnected(UplinkTerms terms) =>
        log.Connected(Label(_status.Address), options.ClientId, terms.VersionText, terms.SessionPresent, session.Buffer.Count);

    // One line when the link goes down, and one for each address that fails for another reason than before; not one per try.
    private void ReportEnd(UplinkConnector connector, UplinkEnd end, bool wasGood)
    {
        bool wasConnected = _status.State == UplinkState.Connected;
        if (wasConnected)
            CountShort(end.Reason, wasGood);
        _status = _status with { State = UplinkState.Disconnected, Since = wasConnected ? world.Time.GetUtcNow() : _status.Since, LastEnd = end };
        bool isNews = (wasConnected && _short <= ShortConnectionsLogged) || _said.GetValueOrDefault(connector) != end.Reason;
        _said[connector] = end.Reason;
        if (end.Reason == UplinkEndReason.Stopping)
            log.Left(Label(_status.Address));
        else if (isNews)
            log.Disconnected(Label(_status.Address), end.Reason, end.Detail, session.Buffer.Count);
        if (isNews)
            Changed?.Invoke();
    }

    // Two gateways with one Client Identifier take the connection from each other like that, for ever.
    private void CountShort(UplinkEndReason reason, bool wasGood)
    {
        if (wasGood)
            _short = 0;
        else if (reason == _shortFor)
            _short++;
        else
            _short = 1;
        _shortFor = reason;
        if (_short != ShortConnectionsLogged)
            return;
        if (reason is UplinkEndReason.AllRefused or UplinkEndReason.AsideFull)
            log.Refuses(Label(_status.Address), _short);
        else if (session.OwnSuspect is { } own)
            log.OwnPacketSuspected(Label(_status.Address), own);
        else if (session.Suspect is { } message)
            log.Suspected(Label(_status.Address), message.Topic, message.Payload.Length);
        else
            log.EndsAtOnce(Label(_status.Address), _short, (int)Backoff.GoodConnection.TotalSeconds);
    }

    // The only one needs no name.
    private string Label(string address) => options.Name == RelayOptions.DefaultName ? address : $"'{options.Name}' {address}";
}
