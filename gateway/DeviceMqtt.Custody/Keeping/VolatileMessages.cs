using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody.Keeping;

/// <summary>
/// The account of the messages that wait in memory alone (<see cref="Broker.Messages.Message.IsVolatile"/>). They have numbers like those on disk, and no records;
/// only how many there were is written, together with what else is, so that a start can say how many it has lost. Owned by the turn.
/// </summary>
internal sealed class VolatileMessages(LedgerAccount account)
{
    private long _lastCount;
    private bool _hasChanged;

    /// <summary>At the start: what an earlier run of the gateway had in memory is lost.</summary>
    /// <param name="said">What that run wrote last.</param>
    /// <returns>How many messages are lost.</returns>
    public long Resume(LedgerAccount said)
    {
        account.Become(said);
        long lost = account.Lose(DropReason.NotDurable);
        _hasChanged = lost > 0; // or the next start would lose them once more
        return lost;
    }

    /// <summary>One more waits.</summary>
    /// <returns>Its number, in this run of the gateway.</returns>
    public long Take()
    {
        account.Accepted++;
        account.Pending++;
        _hasChanged = true;
        return Entry.Number(++_lastCount, LedgerClass.Volatile);
    }

    /// <summary>One of them waits no more.</summary>
    public void Settle(Outcome outcome)
    {
        account.Pending--;
        account.Settle(outcome);
        _hasChanged = true;
    }

    /// <summary>Writes how many there were, if that has changed since. Lazy, and not where even the reserve is gone: losing it makes the next start say fewer.</summary>
    public void Write(RecordJournal journal, RecordWriter record)
    {
        if (!_hasChanged)
            return;
        new VolatileRecord(account.Accepted, [.. account.Outcomes()]).Write(record);
        _hasChanged = journal.TryAppend(record.Written, RecordLife.Event, reserve: true, out _) != AppendResult.Appended;
    }
}
