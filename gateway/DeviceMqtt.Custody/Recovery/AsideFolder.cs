using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>What is set aside for one upstream in the data folder of a gateway that is stopped: to look at, to have tried again at the next start, or to drop.</summary>
internal sealed class AsideFolder : IAsyncDisposable
{
    private readonly RecordJournal _journal;
    private readonly RecordWriter _record = new();
    private readonly List<(long Entry, AsideReason Why, Message Message)> _all = [];

    /// <exception cref="JournalException">The folder is in use, of a newer version, damaged or cannot be read.</exception>
    public AsideFolder(IJournalStorage storage, string upstream, TimeProvider time)
    {
        Ground ground = new(time, new GatewayLimits());
        Clock = ground.Clock;
        RecoveredState state = new();
        _journal = RecordJournal.Open(storage, OptionsFor(storage), state, time);
        ground.Running.Continue(state.Clock?.RunningMs ?? 0);
        ReadAhead ahead = new();
        TopicTexts topics = new();
        foreach (RecoveredEntry entry in state.Entries.Where(e => e.Aside is not null && e.Held.Owner == upstream))
        {
            if (_journal.TryRead(entry.Held.Message, ahead, out ReadOnlySpan<byte> record))
                _all.Add((entry.Held.Entry, entry.Aside!.Value, MessageRecord.Read(record, entry.Held.Message, ground.Running, isOfThisRun: false, topics)));
        }
    }

    // The bounds of the gateway are not known here, nor needed: what is decided takes some bytes, and is what makes room. One segment more is enough.
    internal static JournalOptions OptionsFor(IJournalStorage storage)
    {
        JournalOptions usual = new();
        long bytes = usual.ReserveBytes + usual.SegmentBytes;
        foreach (string name in storage.List())
        {
            using IJournalFile file = storage.Open(name);
            bytes += file.Length;
        }

        return usual with { BytesMax = Math.Max(bytes, usual.BytesMax), FreeFloorBytes = 0 };
    }

    public WallClock Clock { get; }

    /// <summary>Oldest first. The number of a message is its place, counted from 1.</summary>
    public IReadOnlyList<(long Entry, AsideReason Why, Message Message)> All => _all;

    /// <summary>It waits again, and goes up when the gateway is started.</summary>
    public void TakeBack(int number) => Append(_record.Start(RecordKind.TakenBack).Add(_all[number - 1].Entry));

    public void Drop(int number) => Append(_record.Start(RecordKind.Settled).Add(_all[number - 1].Entry).Add(Outcome.Drop(DropReason.DroppedByOperator).Value));

    /// <summary>What was decided gets to the disk.</summary>
    public async ValueTask DisposeAsync() => await _journal.DisposeAsync();

    private void Append(RecordWriter record)
    {
        if (_journal.TryAppend(record.Written, RecordLife.Event, reserve: true, out _) != AppendResult.Appended)
            throw new IOException("the journal has no room for that, or its disk has failed");
    }
}
