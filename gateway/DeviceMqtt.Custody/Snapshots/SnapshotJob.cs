using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody.Snapshots;

/// <summary>
/// Writes a snapshot a slice a turn, while everything goes on. Each slice is the state of its moment; what happens between two is in the
/// journal, and a recovery has both in their order. Owned by the turn.
/// </summary>
internal sealed class SnapshotJob(SnapshotWriter writer) : IJob
{
    // Below what .NET keeps as a large object, for each of which it may look at the whole heap.
    private const int SliceBytesMax = 64 * 1024;

    private JournalSnapshot? _snapshot;
    private IEnumerator<int>? _steps;

    /// <summary>It makes no records, and does not rest: it lets segments go, and a full disk may be waiting for that.</summary>
    public bool Writes => false;

    /// <inheritdoc/>
    public string Name => "the snapshot";

    /// <summary>Nothing comes of it, and the events that it was to replace are there: another one is begun, not before the pause is over.</summary>
    public AfterFault Failed(Exception fault, Turn turn)
    {
        Abandon();
        return AfterFault.Later;
    }

    /// <summary>Steps in one turn at most, also when the slice is not over.</summary>
    public int StepsMax { get; set; } = int.MaxValue;

    /// <summary>Has the next calls of <see cref="Run"/> write a snapshot. One at a time. In the turn in which it was begun.</summary>
    /// <param name="snapshot">Begun, and empty.</param>
    /// <param name="lastEntryCount">The number of the last entry.</param>
    /// <param name="clock">What the clocks show.</param>
    /// <param name="restore">The name of the last restore from a backup; null when there was none.</param>
    public void Begin(JournalSnapshot snapshot, long lastEntryCount, ClockRecord clock, string? restore)
    {
        Abandon();
        _snapshot = snapshot;
        _steps = writer.Write(lastEntryCount, clock, restore).GetEnumerator();
        // What has been counted by now: what is settled from here on is counted by its record.
        _ = _steps.MoveNext();
        AddSlice(snapshot);
    }

    /// <inheritdoc cref="SnapshotWriter.HasMoved"/>
    public void HasMoved(string owner)
    {
        if (_snapshot is not null)
            writer.HasMoved(owner);
    }

    /// <inheritdoc/>
    public bool Run(Turn turn)
    {
        if (_snapshot is not { } snapshot)
            return true;
        bool isDone = false;
        for (int steps = 0; !isDone && steps < StepsMax && !turn.IsSliceOver; steps++)
        {
            isDone = !_steps!.MoveNext();
            // What is in flight towards one peer is one step, and may be a thousand records.
            for (int records = isDone ? 0 : _steps.Current; records > 1; records--)
                _ = turn.IsSliceOver;
            if (writer.Written.Length >= SliceBytesMax)
                AddSlice(snapshot);
        }

        AddSlice(snapshot);
        if (!isDone)
            return false;
        // When the journal has failed nothing comes of it, and the next start reads the events.
        _ = snapshot.Finish();
        Forget();
        return true;
    }

    /// <summary>Nothing comes of the snapshot that is being written, if there is one; another is due at once.</summary>
    public void Abandon()
    {
        _snapshot?.Abandon();
        Forget();
    }

    private void Forget()
    {
        _snapshot = null;
        _steps?.Dispose();
        _steps = null;
        writer.Clear();
    }

    private void AddSlice(JournalSnapshot snapshot)
    {
        if (writer.Written.Length > 0)
            snapshot.Add(writer.Written);
        writer.Clear();
    }
}
