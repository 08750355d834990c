using System.Buffers;
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
    private readonly ArrayBufferWriter<byte> _bytes = new();
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
    public QueuedMessage Put(in QueuedMessage queued)
    {
        if (queued.Message.IsReference)
            return queued;
        if (Entry.IsOnDisk(queued.Entry) && !HasRoomFor(queued.Message))
            return queued with { Message = queued.Message.ToReference() };
        BytesInMemory += queued.Message.Bytes;
        return queued;
    }

    /// <summary>It waits no more, and its content is not needed.</summary>
    public void Remove(Message message)
    {
        if (!message.IsReference)
            BytesInMemory -= message.Bytes;
    }

    /// <summary>It waits no more, and is wanted whole.</summary>
    /// <returns>Null when it cannot be read.</returns>
    public Message? Take(Message message)
    {
        Remove(message);
        return message.IsReference ? Read(message.Position) : message;
    }

    /// <summary>Reads a message from the disk.</summary>
    /// <returns>Null when there is none at that position, or it cannot be read.</returns>
    public Message? Read(long position)
    {
        _bytes.ResetWrittenCount();
        return _journal!.TryRead(position, _bytes) ? MessageRecord.Read(_bytes.WrittenSpan, position, running, isOfThisRun: position > _lastOfEarlierRuns) : null;
    }
}
