using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Log;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Sending;

/// <content>Makes an old Session of the upstream one that can be relied on.</content>
internal sealed partial class RelaySender
{
    private IdentifierSweep? _sweep; // while it goes on, over connections
    private UpstreamAddress? _sweptAt;
    private long _sweepPing; // the PINGREQ whose answer counts
    private bool _hasSwept; // on this connection: PUBCOMP may come late

    // By address, where it was given up. Chosen: some hours, because an upstream is seldom made anew, and no more than a day.
    private const long SweepAgainMs = 4 * LaterTry.HourMs;
    private readonly Dictionary<UpstreamAddress, LaterTry> _sweepGivenUp = [];

    /// <summary>Called when all Packet Identifiers of the Session at hand are free: says on the disk that it is ours.</summary>
    public required Func<Kept> BeginAnew { private get; init; }

    /// <inheritdoc cref="RelayWorld.PacketIdMax"/>
    public required ushort PacketIdMax { private get; init; }

    /// <summary>Another client has taken the Session, and may have used any identifier.</summary>
    public void SessionTaken() => _sweep = null;

    /// <summary>Time has gone by.</summary>
    public void Tick(long nowMs)
    {
        if (_output is { IsCongested: false })
        {
            BeginProbe(nowMs);
            if (_sweep?.TryPing(nowMs) == true)
            {
                Ask();
                _sweepPing = _pings;
            }
        }

        TellPresenceAgain(nowMs);
        Pump(nowMs);
    }

    private void BeginSweep(UplinkTerms terms)
    {
        _hasSwept = false;
        if (!terms.IsOldSession)
            _ = _sweepGivenUp.Remove(terms.Address);
        if (!terms.IsToBeSwept || _sweepGivenUp.ContainsKey(terms.Address))
            _sweep = null;
        else if (_sweep is null || _sweptAt != terms.Address)
            (_sweep, _sweptAt) = (new IdentifierSweep(Flow, PacketIdMax), terms.Address);
        _sweep?.Begin(_turn.NowMs);
        _hasSwept = _sweep is not null;
    }

    private void EndSweep(in UplinkEnd end)
    {
        if (_sweep is not { } sweep || end.Reason == UplinkEndReason.Stopping)
            return;
        // Neither what the gateway ends itself nor a silent network is its doing.
        if (end.Reason is UplinkEndReason.ConnectionLost or UplinkEndReason.AckTimeout && sweep.EndsForIt())
            GiveSweepUp("it ends the connection");
        else if (sweep.IsProbe)
            _sweep = null;
    }

    // Said the first time.
    private void GiveSweepUp(string why)
    {
        bool wasGivenUp = _sweepGivenUp.TryGetValue(_sweptAt!, out LaterTry before);
        _sweepGivenUp[_sweptAt!] = LaterTry.After(wasGivenUp ? before : null, _turn.NowMs, SweepAgainMs, LaterTry.DayMs);
        _sweep = null;
        if (!wasGivenUp)
            log.IdentifiersNotFreed(buffer.Upstream, why);
    }

    // An upstream that was given up is asked again while the link holds, and nothing waits for that.
    private void BeginProbe(long nowMs)
    {
        if (_sweep is not null || !_terms.IsToBeSwept || !_sweepGivenUp.TryGetValue(_terms.Address, out LaterTry again) || !again.IsDue(nowMs))
            return;
        (_sweep, _sweptAt, _hasSwept) = (new IdentifierSweep(Flow, PacketIdMax, isProbe: true), _terms.Address, true);
        _sweep.Begin(nowMs);
    }

    // Below everything else, and not while something goes alone: an end of the connection is to say for which packet it was. What goes alone may need an identifier first.
    private void PumpSweep(ConnectionOutput output, long nowMs)
    {
        if (_sweep is not { } sweep || OwnTrial.IsOn || (_trial.IsOn && !sweep.HoldsBack))
            return;
        while (!output.IsCongested && sweep.TryAsk(nowMs, out ushort packetId))
            _writer.WritePubRel(output, Kept.NotNeeded, packetId);
        if (sweep.IsOver)
            FinishSweep(output);
    }

    // QoS 2 from here on, behind the record that says so. Without room for that it stays as it is, and is tried again.
    private void FinishSweep(ConnectionOutput output)
    {
        Kept kept = BeginAnew();
        if (kept.IsNoRoom)
            return;
        output.WaitFor(kept);
        _sweep = null;
        _ = _sweepGivenUp.Remove(_terms.Address);
        _terms = _terms with { QoSMax = QoS.ExactlyOnce, IsToBeSwept = false };
        _writer.Begin(_terms);
        log.IdentifiersFreed(buffer.Upstream);
        Pump(_turn.NowMs);
    }

    // An upstream may answer PUBREL with PUBREC, too, or twice: late, for an identifier that is free by now, and may be in use at QoS 1.
    private bool IsOfSweep(PacketType type, ushort packetId)
    {
        if (type == PacketType.PubAck || !_hasSwept)
            return false;
        if (type == PacketType.PubComp && _sweep?.Answered(packetId, _turn.NowMs) == true)
        {
            Pump(_turn.NowMs);
            return true;
        }

        if (!Flow.TryFind(packetId, out Inflight inflight))
            return type == PacketType.PubRec && _sweep?.IsAsked(packetId) == true;
        return type == PacketType.PubComp ? inflight.State != InflightState.AwaitsPubComp : inflight.QoS == QoS.AtLeastOnce || inflight.State == InflightState.AwaitsSubAck;
    }
}
