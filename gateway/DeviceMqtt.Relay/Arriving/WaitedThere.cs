using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Arriving;

/// <summary>
/// How long what comes from the upstream may have waited in the Session there, which does not say so. It may have come there as soon as nothing was heard of the upstream, until it is certain that
/// nothing waits any more. Owned by the turn.
/// <list type="bullet">
/// <item>Certain is what a PINGREQ brings that stands behind the acknowledgement of all that has come: the upstream answers it behind what its window then has room for. If nothing comes before the
/// answer, nothing waited. PUBREL is something, too: behind PUBREC alone there is no room yet.</item>
/// <item>The first goes <see cref="BeginMs"/> after CONNACK: brokers whose queues are no part of what answers PINGREQ (RabbitMQ, NATS) have begun to hand over by then.</item>
/// <item>Where something always comes, for a rule, it ends with <see cref="LastsMsMax"/>.</item>
/// </list>
/// </summary>
internal sealed class WaitedThere(RunningClock running, Turn turn)
{
    /// <summary>Chosen: a broker begins within milliseconds, and what is sent in the meantime is taken for as old as the outage.</summary>
    public const long BeginMs = 2_000;

    /// <summary>Chosen: what has waited has come by then, over any link that commands are sent over.</summary>
    public const long LastsMsMax = 300_000;

    private bool _isFirst = true; // connection of this process
    private bool _isBehind;
    private bool _hasLeft;
    private bool _hasCome;
    private long? _sinceMs; // nobody knows where it is null
    private long _attachedMs;
    private long _askedMs;
    private int _unanswered; // PINGREQ

    /// <summary>Milliseconds that what comes now may have waited; <see cref="long.MaxValue"/> where nobody knows, 0 where it has not.</summary>
    public long Ms => !MayHaveWaited ? 0 : _sinceMs is { } since ? Math.Max(0, turn.NowMs - since) : long.MaxValue;

    /// <summary>The upstream should get a PINGREQ now: what it says shows whether something waits.</summary>
    public bool IsToAsk => MayHaveWaited && !_hasLeft && _unanswered == 0 && turn.NowMs - _attachedMs >= BeginMs;

    private bool MayHaveWaited => _isBehind && (_hasLeft || turn.NowMs - _attachedMs < LastsMsMax);

    /// <summary>Another connection.</summary>
    /// <param name="isSessionPresent">As CONNACK said it.</param>
    /// <param name="terms">What the gateway makes of CONNACK. In a Session of another node, or of which the journal knows nothing, something has waited since nobody knows when.</param>
    public void Attach(bool isSessionPresent, UplinkTerms terms)
    {
        (_attachedMs, _hasLeft, _hasCome, _unanswered) = (turn.NowMs, false, false, 0);
        _isBehind = isSessionPresent;
        // The process before this one was there for as long as it says, as far as that is known.
        if (_isFirst && running.LastRecordMs is { } lastMs && running.IsCounted(running.ToMonotonicMs(lastMs)))
            _sinceMs = running.ToMonotonicMs(lastMs);
        if (terms.IsOldSession && (_isFirst || !terms.IsSameNode))
            _sinceMs = null;
        _isFirst = false;
    }

    /// <summary>A message has come that the upstream may have kept, or PUBREL, whose message has its place in the window there until PUBCOMP (5.0, 4.9).</summary>
    public void Came() => _hasCome = true;

    /// <summary>One was not taken: it waits there from now on, with all behind it, until the next connection.</summary>
    public void Left()
    {
        if (!MayHaveWaited)
            (_isBehind, _sinceMs) = (true, turn.NowMs);
        _hasLeft = true;
    }

    /// <summary>A PINGREQ was written, for whatever reason.</summary>
    public void Asked()
    {
        _unanswered++;
        _askedMs = turn.NowMs;
        _hasCome = false;
    }

    /// <summary>PINGRESP.</summary>
    public void Answered()
    {
        _unanswered = Math.Max(0, _unanswered - 1);
        if (_unanswered == 0 && !_hasCome && !_hasLeft && _askedMs - _attachedMs >= BeginMs)
            _isBehind = false;
    }

    /// <summary>The connection is gone.</summary>
    /// <param name="heardMs">Monotonic milliseconds when something came on it for the last time.</param>
    public void Detach(long heardMs)
    {
        if (!MayHaveWaited)
            _sinceMs = heardMs;
    }
}
