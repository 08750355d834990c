using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.TestSupport;

/// <summary>Holds the ledger against what is really there.</summary>
internal static class LedgerAssert
{
    public static void AssertLedgerBalances(this TestBroker gateway)
    {
        foreach (LedgerClass ledgerClass in Ledger.Classes)
        {
            (LedgerAccount account, long held) = gateway.Look(b => (b.Kept().Ledger[ledgerClass], CountHeld(b, ledgerClass)));
            Assert.AreEqual(held, account.Pending, $"{ledgerClass}: what is there against what is said to be pending");
            Assert.AreEqual(account.Accepted, account.Delivered + account.Pending + account.Expired + account.Dropped, $"{ledgerClass}: the ledger does not balance");
        }
    }

    // Walks the queues, windows, mailboxes and backlogs, which know nothing of the ledger.
    private static long CountHeld(BrokerState broker, LedgerClass ledgerClass)
    {
        IEnumerable<long> entries = broker.Sessions.All.SelectMany(s => s.InFlight().Select(f => f.Inflight.Entry).Concat(Entries(s.Queue.InOrder())))
            .Concat(broker.Mailboxes.InOrder().SelectMany(m => Entries(m.Waiting)))
            .Concat(broker.Upstreams.Backlogs.Values.SelectMany(b => Entries(b.All())))
            .Concat(Entries(broker.Upstreams.Parked.Select(p => p.Queued)));
        return entries.Count(e => e != 0 && Entry.ClassOf(e) == ledgerClass);
    }

    private static IEnumerable<long> Entries(IEnumerable<QueuedMessage> queued) => queued.Select(q => q.Entry);
}
