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
    private bool _hasSwept; // on this connection: PUBCOMP may come late
    private bool _sweepIsGivenUp;

    /// <summary>Called when all Packet Identifiers of the Session at hand are free: says on the disk that it is ours.</summary>
    public required Func<Kept> BeginAnew { private get; init; }

    /// <inheritdoc cref="RelayWorld.PacketIdMax"/>
    public required ushort PacketIdMax { private get; init; }

    /// <summary>Another client has taken the Session, and may have used any identifier.</summary>
    public void SessionTaken() => _sweep = null;

    /// <summary>Time has gone by.</summary>
    public void Tick(long nowMs)
    {
        if (_sweep is { } sweep && _output is { IsCongested: false } && sweep.IsUnanswered(nowMs))
            GiveSweepUp("it does not answer");
        Pump(nowMs);
    }

    private void BeginSweep(UplinkTerms terms)
    {
        _hasSwept = false;
        if (!terms.IsToBeSwept || _sweepIsGivenUp)
            _sweep = null;
        else if (_sweep is null || _sweptAt != terms.Address)
            (_sweep, _sweptAt) = (new IdentifierSweep(Flow, PacketIdMax), terms.Address);
        _sweep?.Begin(_turn.NowMs);
        _hasSwept = _sweep is not null;
    }

    private void EndSweep(in UplinkEnd end)
    {
        if (_sweep is { } sweep && end.Reason != UplinkEndReason.Stopping && sweep.EndsForIt())
            GiveSweepUp("it ends the connection");
    }

    private void GiveSweepUp(string why)
    {
        (_sweep, _sweepIsGivenUp) = (null, true);
        log.IdentifiersNotFreed(buffer.Upstream, why);
    }

    // Below everything else, and not while what is the gateway's own goes by itself: an end of the connection is to say for which packet it was.
    private void PumpSweep(ConnectionOutput output, long nowMs)
    {
        if (_sweep is not { } sweep || OwnTrial.IsOn)
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
        _terms = _terms with { QoSMax = QoS.ExactlyOnce };
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
