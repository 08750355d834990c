using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Simulation.Faults;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>Notes whom each message is kept for, and what becomes of it, as the broker tells the custody.</summary>
internal sealed class WatchedCustody(ICustody inner, CustodyBook book) : CustodyDecorator(inner, call: "")
{
    /// <summary>The process is gone. What it still does here, nobody will ever know.</summary>
    public required Func<bool> IsGone { get; init; }

    public override Kept Hold(LedgerClass ledgerClass, string owner, in QueuedMessage queued, out long entry)
    {
        Kept kept = base.Hold(ledgerClass, owner, queued, out entry);
        if (!IsGone())
            book.Held(entry, owner, queued.Message.Payload);
        return kept;
    }

    public override void Settle(long entry, Message? message, Broker.Words.Outcome outcome)
    {
        if (!IsGone())
            book.Settled(entry, outcome);
        base.Settle(entry, message, outcome);
    }
}
