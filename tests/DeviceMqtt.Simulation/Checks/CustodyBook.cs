using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>What one gateway has in custody for whom, and what it says that became of it, over all its runs. It follows the calls of the broker, and not the ledger: that is compared with it.</summary>
/// <param name="world">Tells the time.</param>
/// <param name="gateway">Its name.</param>
internal sealed class CustodyBook(SimWorld world, string gateway)
{
    // Nobody waits for the record of a drop: it goes with the next commit. What is in memory alone has none, and is counted in a record that is written with that of the clock.
    private const long SaidWithinMs = 1_000;
    private const long CountedWithinMs = 10_000;

    private readonly Dictionary<long, (string Owner, string Id)> _held = [];
    private readonly Dictionary<(string Owner, string Id), int> _dropped = [];
    private readonly Dictionary<DropReason, List<(long AtMs, long SaidUntilMs)>> _drops = [];

    /// <summary>Told of each message that has expired: whose it was to be, and its first words.</summary>
    public Action<string, string>? Expired { get; set; }

    /// <summary>The same of each that was dropped because a bound was reached.</summary>
    public Action<string, string>? DroppedForBound { get; set; }

    /// <summary>How often a message was dropped for somebody because a bound was reached.</summary>
    public int DroppedFor(string owner, string id) => _dropped.GetValueOrDefault((owner, id));

    /// <summary>How often the broker has dropped something in custody for a reason.</summary>
    public IEnumerable<(DropReason Reason, long Count)> Counts => _drops.Select(static d => (d.Key, (long)d.Value.Count));

    /// <summary>How many of those may be nowhere on the disk, because it had no room for their records.</summary>
    /// <param name="reason">The reason.</param>
    /// <param name="wasFull">Whether the disk was full at some time between two moments.</param>
    public long MayBeUnsaid(DropReason reason, Func<long, long, bool> wasFull) => _drops[reason].Count(d => wasFull(d.AtMs, d.SaidUntilMs));

    public void Held(long entry, string owner, byte[] payload)
    {
        if (entry == 0)
            return;
        int words = Array.IndexOf(payload, (byte)'|');
        _held[entry] = (owner, Payloads.IdOf(Encoding.UTF8.GetString(payload, 0, words < 0 ? payload.Length : words)));
    }

    public void Settled(long entry, Broker.Words.Outcome outcome)
    {
        if (outcome.IsDelivered || !_held.TryGetValue(entry, out (string Owner, string Id) held))
            return;
        world.Tell($"{gateway} drops {held.Id} of {held.Owner}: {outcome.Reason}");
        if (!_drops.TryGetValue(outcome.Reason, out List<(long AtMs, long SaidUntilMs)>? drops))
            _drops[outcome.Reason] = drops = [];
        drops.Add((world.NowMs, world.NowMs + (Entry.IsOnDisk(entry) ? SaidWithinMs : CountedWithinMs)));
        if (outcome.Reason == DropReason.Expired)
            Expired?.Invoke(held.Owner, held.Id);
        if (!IsForBound(outcome.Reason))
            return;
        _dropped[(held.Owner, held.Id)] = DroppedFor(held.Owner, held.Id) + 1;
        DroppedForBound?.Invoke(held.Owner, held.Id);
    }

    private static bool IsForBound(DropReason reason) => reason is DropReason.SessionQueueFull or DropReason.AllQueuesFull or DropReason.MailboxFull or DropReason.RelayFull or DropReason.AsideFull or DropReason.DroppedByOperator;
}
