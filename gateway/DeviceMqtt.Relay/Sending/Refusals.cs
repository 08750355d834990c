using DeviceMqtt.Broker.Flows;
using DeviceMqtt.Broker.Messages;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// Messages that the upstream has refused on this connection, until it is known whose fault that is.
/// <list type="bullet">
/// <item>When it takes another one, or there is no other, the fault is theirs: they are to be set aside.</item>
/// <item>When it refuses so many in a row, and takes none, the fault is its own, as with an access rule or a role that is wrong for a while: the connection is to end. All are in flight
/// still, in their order, and go again on the next connection, with some more behind them in case one of those is taken. So it goes on until one is taken; then they go once more, at once.</item>
/// <item>Where no more may be set aside they stay in flight as well, also over connections, and are known to be at fault themselves.</item>
/// </list>
/// Owned by the turn.
/// </summary>
/// <param name="flow">They are in flight there.</param>
/// <param name="mostAtOnce">Messages that are refused on one connection before it ends, however long that has gone on.</param>
internal sealed class Refusals(Flow flow, int mostAtOnce)
{
    // Chosen: boards that speak by turns seldom have more in a row refused for a rule that concerns one of them; and to set aside fewer for a fault of the upstream is no harm.
    private const int Few = 8;

    private readonly List<Refusal> _held = [];
    private readonly HashSet<Message> _judged = []; // at fault themselves, and in flight for want of room where messages are set aside
    private int _most = Few;
    private int _asideInARow; // set aside since one was taken
    private int _quietInARow; // connections with fewer than that, and no other

    /// <summary>In flight, and refused.</summary>
    public int Count => _held.Count;

    /// <summary>The upstream has refused too many in a row, and has taken none since. Outlives the connection.</summary>
    public bool AreItsFault { get; private set; }

    /// <summary>No more is to be sent on this connection, until one that is under way is taken; where none is, it is to end.</summary>
    public bool AreTooMany => _held.Count > 0 && AreManyInARow;

    /// <summary>A message that cannot wait until it is known whose fault that is may be dropped.</summary>
    public bool MayDrop => !AreItsFault && !AreManyInARow;

    private bool AreManyInARow => _asideInARow + Unjudged >= _most;

    private int Unjudged => _judged.Count == 0 ? _held.Count : _held.Count(r => !flow.TryFind(r.PacketId, out Inflight inflight) || !_judged.Contains(inflight.Message!));

    /// <summary>Some of them found no room where messages are set aside.</summary>
    public bool HasFoundNoRoom { get; private set; }

    /// <summary>Another connection: what was refused is due.</summary>
    public void Begin()
    {
        if (AreTooMany)
            _most = Math.Max(Few, Math.Min(_most + Few, mostAtOnce));
        if (AreItsFault)
            _asideInARow = 0;
        _held.Clear();
        HasFoundNoRoom = false;
        if (_judged.Count > 0)
            _judged.IntersectWith(flow.InOrder().Select(static f => f.Inflight.Message).OfType<Message>());
    }

    /// <summary>A message in flight was refused already, and this is only said again.</summary>
    public bool Has(ushort packetId) => _held.Count > 0 && _held.Exists(r => r.PacketId == packetId);

    /// <summary>The upstream has refused a message, which stays in flight.</summary>
    public void Hold(in Refusal refusal, in Inflight refused)
    {
        flow.PutBack(refusal.PacketId, refused);
        _held.Add(refusal);
    }

    /// <summary>The same for one that was refused for want of room, and is in flight still.</summary>
    public void Hold(in Refusal refusal) => _held.Add(refusal);

    /// <summary>The upstream has refused a message, which was dropped for that (<see cref="MayDrop"/>).</summary>
    public void Dropped() => _asideInARow++;

    /// <summary>All that was under way is answered, and nothing waits that may be sent: whose fault is it?</summary>
    /// <returns>True when it is the upstream's.</returns>
    public bool AreToBeKept()
    {
        if (Unjudged == 0)
            return false;
        bool areTooMany = AreTooMany;
        AreItsFault |= areTooMany;
        return AreItsFault && (areTooMany || !TryAcquit());
    }

    /// <summary>There is no other to be taken: they are to be set aside, and count as refused in a row.</summary>
    public void NoOther() => _asideInARow += Unjudged;

    // There is no other to be taken, on one more connection: after some the few that are left are taken to be at fault themselves, or nothing would ever decide it.
    private bool TryAcquit()
    {
        _quietInARow = Unjudged < Few ? _quietInARow + 1 : 0;
        if (_quietInARow < Few)
            return false;
        _quietInARow = 0;
        AreItsFault = false;
        return true;
    }

    /// <summary>The upstream has taken a message: those before are at fault themselves. But where it was at fault until now they go once more, and may all be refused for what they are.</summary>
    public void Taken()
    {
        (_asideInARow, _quietInARow) = (0, 0);
        if (!AreItsFault)
        {
            _most = Few;
            return;
        }

        AreItsFault = false;
        foreach (Refusal refusal in _held)
            flow.MakeDue(refusal.PacketId);
        _held.Clear();
        HasFoundNoRoom = false;
    }

    /// <summary>The oldest that may be set aside, which is not held any more; it is in flight until it is cancelled.</summary>
    /// <param name="maySetAside">Whether there is room for a message.</param>
    /// <param name="refusal">Set when the result is true.</param>
    public bool TryTake(Func<Inflight, bool> maySetAside, out Refusal refusal)
    {
        for (int i = 0; i < _held.Count; i++)
        {
            refusal = _held[i];
            if (flow.TryFind(refusal.PacketId, out Inflight inflight) && !maySetAside(inflight))
                continue;
            _held.RemoveAt(i);
            HasFoundNoRoom &= _held.Count > 0;
            return true;
        }

        HasFoundNoRoom = _held.Count > 0;
        foreach (Refusal left in _held)
            if (flow.TryFind(left.PacketId, out Inflight inflight) && inflight.Message is { } message)
                _ = _judged.Add(message);
        refusal = default;
        return false;
    }
}
