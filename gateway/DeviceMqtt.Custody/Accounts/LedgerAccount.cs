using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Accounts;

/// <summary>
/// What became of all messages of one class, over all restarts on one data folder:
/// <c>accepted = delivered + pending + expired + dropped</c>.
/// </summary>
internal sealed class LedgerAccount
{
    private readonly long[] _dropped = new long[DropReasons.Count];

    public long Accepted { get; set; }

    public long Delivered { get; set; }

    public long Expired { get; set; }

    /// <summary>Those that wait or are in flight now; counted where they are taken in and let go, not made from the other figures.</summary>
    public long Pending { get; set; }

    /// <summary>Those of the pending that are not sent, because the upstream does not take them.</summary>
    public long Aside { get; set; }

    public long Dropped => DropReasons.Total(_dropped);

    public bool IsBalanced => Accepted == Delivered + Pending + Expired + Dropped;

    public long DroppedFor(DropReason reason) => _dropped[(int)reason];

    public void Settle(Outcome outcome, long count = 1)
    {
        if (outcome.IsDelivered)
            Delivered += count;
        else if (outcome.Reason == DropReason.Expired)
            Expired += count;
        else
            _dropped[(int)outcome.Reason] += count;
    }

    /// <summary>Those of an earlier run of which nobody knows what became are lost with it.</summary>
    /// <returns>How many they are.</returns>
    public long Lose(DropReason reason)
    {
        long lost = Accepted - Delivered - Expired - Dropped;
        Settle(Outcome.Drop(reason), lost);
        return lost;
    }

    /// <summary>It says what another says.</summary>
    public void Become(LedgerAccount other)
    {
        (Accepted, Delivered, Expired, Pending, Aside) = (other.Accepted, other.Delivered, other.Expired, other.Pending, other.Aside);
        other._dropped.CopyTo(_dropped, 0);
    }

    /// <summary>For each outcome how many there were.</summary>
    public IEnumerable<(Outcome Outcome, long Count)> Outcomes()
    {
        if (Delivered > 0)
            yield return (Outcome.Delivered, Delivered);
        if (Expired > 0)
            yield return (Outcome.Drop(DropReason.Expired), Expired);
        for (int i = 0; i < _dropped.Length; i++)
            if (_dropped[i] > 0)
                yield return (Outcome.Drop((DropReason)i), _dropped[i]);
    }
}
