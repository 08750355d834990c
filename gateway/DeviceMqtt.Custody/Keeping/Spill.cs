using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody.Keeping;

/// <summary>
/// Bounds the memory of the messages that wait. What is on disk anyway, and finds no room, waits there alone, as a
/// reference (<see cref="Message.IsReference"/>), and is read when it is its turn. A message that waits in several queues
/// counts in each: the bound errs to the safe side. Owned by the turn.
/// </summary>
internal sealed class Spill(long bytesMax, RunningClock running)
{
    private readonly ReadAhead _ahead = new();
    private readonly TopicTexts _topics = new();
    private RecordJournal? _journal;
    private long _lastOfEarlierRuns;

    /// <summary>For one record at a time.</summary>
    public RecordWriter Scratch { get; } = new();

    /// <summary>Of the messages that wait in memory.</summary>
    public long BytesInMemory { get; private set; }

    public bool HasRoomFor(Message message) => BytesInMemory + message.Bytes <= bytesMax;

    public void Begin(RecordJournal journal)
    {
        _journal = journal;
        _lastOfEarlierRuns = journal.LastPosition;
    }

    /// <summary>The form in which a message is to wait.</summary>
    public QueuedMessage Put(in QueuedMessage queued) => TryKeep(queued) || queued.Message.IsReference ? queued : queued with { Message = queued.Message.ToReference() };

    /// <summary>Counts a message that is to wait in memory.</summary>
    /// <returns>False when it is to wait on the disk alone.</returns>
    public bool TryKeep(in QueuedMessage queued)
    {
        if (queued.Message.IsReference || (Entry.IsOnDisk(queued.Entry) && !HasRoomFor(queued.Message)))
            return false;
        BytesInMemory += queued.Message.Bytes;
        return true;
    }

    /// <summary>It waits no more, and its content is not needed.</summary>
    public void Remove(Message message)
    {
        if (!message.IsReference)
            BytesInMemory -= message.Bytes;
    }

    /// <summary>It waits no more, and is wanted whole.</summary>
    /// <param name="message">What waited.</param>
    /// <param name="traceNumber">For one that is on the disk alone (<see cref="Message.TraceNumber"/>).</param>
    /// <returns>Null when it cannot be read.</returns>
    public Message? Take(Message message, uint traceNumber)
    {
        Remove(message);
        return message.IsReference ? Read(message.Position, traceNumber) : message;
    }

    /// <summary>Reads a message from the disk.</summary>
    /// <returns>Null when there is none at that position, or it cannot be read.</returns>
    public Message? Read(long position, uint traceNumber = 0) => _journal!.TryRead(position, _ahead, out ReadOnlySpan<byte> record)
        ? MessageRecord.Read(record, position, running, isOfThisRun: position > _lastOfEarlierRuns, _topics, traceNumber) : null;
}
