using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>Looks at a gateway after each step: no bound that it was given is exceeded, by nobody, at no time.</summary>
/// <param name="limits">The bounds that it was to keep.</param>
/// <param name="name">Of the gateway.</param>
internal sealed class BoundsCheck(GatewayLimits limits, string name)
{
    private const int RefusedInARow = 8; // after which it is the upstream's fault, and none is sent any more

    private readonly Dictionary<string, long> _reached = [];
    private readonly Dictionary<(string What, string Whose), long> _found = [];
    private bool _isFirst;

    /// <summary>How near each bound was, in percent: one that is never reached shows nothing.</summary>
    public IReadOnlyDictionary<string, long> Reached => _reached;

    /// <summary>
    /// The gateway has started. What was over, and nobody had written so (it was killed before, or the journal was so full that the reserve had no room for it), is found again: that may be more than there may be, and does
    /// not become more. What is looked at until <see cref="HasLooked"/> is what was found.
    /// </summary>
    public void Started()
    {
        _found.Clear();
        _isFirst = true;
    }

    /// <summary>All was looked at once.</summary>
    public void HasLooked() => _isFirst = false;

    public void Look(BrokerState state)
    {
        (int waiting, int bytes, int inFlight) = (0, 0, 0);
        foreach (Session session in state.Sessions.All)
        {
            waiting = Math.Max(waiting, session.Queue.Count);
            bytes = Math.Max(bytes, session.Queue.Bytes);
            inFlight = Math.Max(inFlight, session.InflightCount);
        }

        Expect("messages wait for one Session", waiting, limits.QueueMessagesMax);
        Expect("bytes wait for one Session", bytes, limits.QueueBytesMax);
        Expect("messages are in flight to one client", inFlight, limits.InflightMax);
        Expect("bytes wait for all", state.QueueBytes, limits.QueueBytesTotalMax);
        Expect("messages are retained", state.Retained.Count, limits.RetainedMessagesMax);
        int mail = 0;
        foreach (DeviceMqtt.Broker.Peers.Mailbox mailbox in state.Mailboxes.Busy)
            mail = Math.Max(mail, mailbox.Count);
        Expect("P2P messages wait for one device", mail, limits.MailboxMessagesMax);
    }

    /// <summary>The same of its files; not so often.</summary>
    public void Look(DurableState durable)
    {
        if (durable.Status is { } journal)
            Expect("bytes are in the journal", journal.BytesUsed - journal.SnapshotBytes, limits.JournalBytesMax); // the room for a snapshot that is larger than the one before it is not kept
    }

    /// <summary>The same of what waits for an upstream.</summary>
    public void LookAtRelay(string upstream, int count, int inFlight, int aside)
    {
        Expect("messages wait or are in flight for one upstream", count, limits.RelayMessagesMax, upstream);
        // Those that it has refused stay until it is known whether it refuses all: seven of them, or as many as may be under way, whichever is more. And one that it has no room for waits beside them for the answer to another.
        Expect("messages are in flight to one upstream", inFlight, limits.RelayInflightMax + Math.Max(RefusedInARow, limits.RelayInflightMax), upstream);
        Expect("messages are set aside for one upstream", aside, limits.RelayAsideMessagesMax, upstream);
    }

    // Each upstream has its own: that one has less than was found for another says nothing of that (seed 268 with upstreams).
    private void Expect(string what, long count, long max, string whose = "")
    {
        if (_isFirst && count > max)
            _found[(what, whose)] = count;
        long found = _found.GetValueOrDefault((what, whose));
        if (found > count)
            _found[(what, whose)] = count;
        if (count > Math.Max(max, found))
            throw new BrokenPromiseException($"{count} {what} in {name}, and the bound is {max}");
        if (count > 0)
            _reached[what] = Math.Max(_reached.GetValueOrDefault(what), count * 100 / max);
    }
}
