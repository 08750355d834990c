using System.Text;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>What one gateway has in custody for whom, and what it says that became of it, over all its runs. It follows the calls of the broker, and not the ledger: that is compared with it.</summary>
internal sealed class CustodyBook
{
    private readonly Dictionary<long, (string Owner, string Id)> _held = [];
    private readonly Dictionary<(string Owner, string Id), int> _dropped = [];
    private readonly Dictionary<DropReason, long> _counts = [];

    /// <summary>Told of each message that has expired: whose it was to be, and its first words.</summary>
    public Action<string, string>? Expired { get; set; }

    /// <summary>The same of each that was dropped because a bound was reached.</summary>
    public Action<string, string>? DroppedForBound { get; set; }

    /// <summary>How often a message was dropped for somebody because a bound was reached.</summary>
    public int DroppedFor(string owner, string id) => _dropped.GetValueOrDefault((owner, id));

    /// <summary>How often the broker has dropped something in custody for a reason.</summary>
    public IEnumerable<(DropReason Reason, long Count)> Counts => _counts.Select(static c => (c.Key, c.Value));

    public void Held(long entry, string owner, byte[] payload)
    {
        int words = Array.IndexOf(payload, (byte)'|');
        if (entry != 0)
            _held[entry] = (owner, Encoding.UTF8.GetString(payload, 0, words < 0 ? payload.Length : words));
    }

    public void Settled(long entry, Broker.Words.Outcome outcome)
    {
        if (outcome.IsDelivered || !_held.TryGetValue(entry, out (string Owner, string Id) held))
            return;
        _counts[outcome.Reason] = _counts.GetValueOrDefault(outcome.Reason) + 1;
        if (outcome.Reason == DropReason.Expired)
            Expired?.Invoke(held.Owner, held.Id);
        if (!IsForBound(outcome.Reason))
            return;
        _dropped[(held.Owner, held.Id)] = DroppedFor(held.Owner, held.Id) + 1;
        DroppedForBound?.Invoke(held.Owner, held.Id);
    }

    private static bool IsForBound(DropReason reason) => reason is DropReason.SessionQueueFull or DropReason.AllQueuesFull or DropReason.MailboxFull or DropReason.RelayFull or DropReason.AsideFull or DropReason.DroppedByOperator;
}
