using DeviceMqtt.Broker.Flows;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Frees the Packet Identifiers of a Session upstream of which nobody here knows what they stand for: a QoS 2 message that went under one that is open there would be taken for another that is long
/// done. PUBREL ends whatever an identifier stands for, and is answered with PUBCOMP also where it stands for nothing [MQTT-4.3.3-11] (3.1.1: [MQTT-4.3.3-2]).
/// <list type="bullet">
/// <item>First those that messages of before are to go under once more; nothing else is sent meanwhile.</item>
/// <item>Then all others in the order in which they will be used, at most <see cref="AskedMax"/> at a time. No message goes under one that is not free.</item>
/// <item>Over a broken link it goes on where it was, as long as the upstream says that it has the Session. One that began as a probe is thrown away with the link, and the next connection begins with another probe.</item>
/// <item>An upstream that does not answer, although it answers a PINGREQ behind it, or that ends the connection for it twice in a row, is left alone for some hours.</item>
/// <item>Then it is asked for one identifier that no message will have soon, and when it answers that, for all. No message waits before.</item>
/// </list>
/// Owned by the turn.
/// </summary>
/// <param name="flow">What is in flight.</param>
/// <param name="packetIdMax">The last that may be open.</param>
/// <param name="isProbe">The upstream did not answer before. What is in flight goes on meanwhile.</param>
internal sealed class IdentifierSweep(Flow flow, ushort packetIdMax = ushort.MaxValue, bool isProbe = false)
{
    /// <summary>Chosen: 65,535 of them take a thousand round trips, and what else is sent stands in line behind 256 bytes.</summary>
    public const int AskedMax = 64;

    /// <summary>Milliseconds without an answer until the upstream is asked whether it is there. Chosen: as it has for a PINGREQ.</summary>
    public const long SilentMs = 10_000;

    private const int EndsMax = 2;
    private readonly ulong[] _free = new ulong[(ushort.MaxValue + 1) / 64];
    private readonly HashSet<ushort> _asked = [];
    private readonly Queue<ushort> _first = new();
    private readonly HashSet<ushort> _firstLeft = [];
    private int _left = packetIdMax;
    private ushort _next;
    private long _answeredMs;
    private bool _hasAnswered;
    private bool _isPinged; // since the last answer
    private int _ends;

    /// <summary>All are free, or were used since by messages that are known here.</summary>
    public bool IsOver => _left == 0;

    /// <summary>Whether the upstream answers is not known yet.</summary>
    public bool IsProbe { get; private set; } = isProbe;

    /// <summary>The next message would go under an identifier that may be open.</summary>
    public bool HoldsBack => !IsProbe && (_firstLeft.Count > 0 || !IsFree(flow.NextPacketId));

    /// <summary>A connection with the Session; what is in flight is due.</summary>
    public void Begin(long nowMs)
    {
        _asked.Clear();
        _first.Clear();
        _firstLeft.Clear();
        foreach ((ushort packetId, _) in flow.InOrder())
            if (!IsProbe && !IsFree(packetId) && _firstLeft.Add(packetId))
                _first.Enqueue(packetId);
        // Half way round from the messages, where it is only a probe.
        _next = (ushort)(((Math.Min(flow.NextPacketId, packetIdMax) - 1 + (IsProbe ? packetIdMax / 2 : 0)) % packetIdMax) + 1);
        _answeredMs = nowMs;
        (_hasAnswered, _isPinged) = (false, false);
    }

    /// <summary>The next to send PUBREL for, which counts as sent.</summary>
    /// <returns>False when there is none for now.</returns>
    public bool TryAsk(long nowMs, out ushort packetId)
    {
        packetId = 0;
        if (_asked.Count >= (IsProbe ? 1 : AskedMax) || _left <= _asked.Count)
            return false;
        if (_asked.Count == 0)
            (_answeredMs, _isPinged) = (nowMs, false); // what is waited for begins now
        if (_first.TryDequeue(out packetId))
            return _asked.Add(packetId);
        for (int i = 0; i < packetIdMax; i++)
        {
            packetId = _next;
            _next = packetId >= packetIdMax ? (ushort)1 : (ushort)(packetId + 1);
            // What is in use comes later.
            if (!IsFree(packetId) && !_asked.Contains(packetId) && !flow.TryFind(packetId, out _))
                return _asked.Add(packetId);
        }

        return false;
    }

    /// <summary>A PUBREL is on its way: the connection may end for it.</summary>
    public bool HasUnanswered => _asked.Count > 0;

    /// <summary>PUBREL is on its way.</summary>
    public bool IsAsked(ushort packetId) => _asked.Contains(packetId);

    /// <summary>PUBCOMP.</summary>
    /// <returns>False when it is for something else.</returns>
    public bool Answered(ushort packetId, long nowMs)
    {
        if (!_asked.Remove(packetId))
            return false;
        _free[packetId / 64] |= 1ul << (packetId % 64);
        _left--;
        _ = _firstLeft.Remove(packetId);
        _answeredMs = nowMs;
        (_hasAnswered, _isPinged) = (true, false);
        _ends = 0;
        if (IsProbe)
            (IsProbe, _next) = (false, Math.Min(flow.NextPacketId, packetIdMax));
        return true;
    }

    /// <summary>The upstream was asked, and says nothing: whether it is there at all is to be found out with a PINGREQ, which counts as sent. A link that stands still says nothing either.</summary>
    public bool TryPing(long nowMs)
    {
        if (_isPinged || _asked.Count == 0 || nowMs - _answeredMs < SilentMs)
            return false;
        _isPinged = true;
        return true;
    }

    /// <summary>After a PINGRESP: the upstream handles what it gets, and has no answer to PUBREL.</summary>
    public bool IsNotAnswered => _isPinged && _asked.Count > 0;

    /// <summary>The connection has ended.</summary>
    /// <returns>True when it has for the second time without an answer; for the first where it was only a probe.</returns>
    public bool EndsForIt() => _asked.Count > 0 && !_hasAnswered && ++_ends >= (IsProbe ? 1 : EndsMax);

    private bool IsFree(ushort packetId) => packetId > packetIdMax || (_free[packetId / 64] & (1ul << (packetId % 64))) != 0;
}
