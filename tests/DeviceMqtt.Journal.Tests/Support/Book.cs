using System.Buffers.Binary;

namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// An owner of a journal that is easy to check: notes that add up, and things that are put in and taken out. It remembers
/// what its state was after each record, so that a recovery can be held against the state it claims to be.
/// </summary>
internal sealed class Book : IJournalReplay
{
    private const byte Note = 1;
    private const byte Put = 2;
    private const byte Take = 3;
    private readonly List<(long Position, BookState State)> _history = [(0, BookState.Empty)]; // by position

    public SortedSet<long> Things { get; } = [];

    public long Sum => State.Sum;

    public BookState State { get; private set; } = BookState.Empty;

    /// <summary>The state as of a position.</summary>
    public BookState At(long position) => _history.FindLast(h => h.Position <= position).State;

    /// <summary>The bytes of a thing are made from its number, so that they need not be remembered.</summary>
    public static byte[] BytesOf(long number, int length)
    {
        byte[] bytes = new byte[Math.Max(sizeof(long), length)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        for (int i = sizeof(long); i < bytes.Length; i++)
            bytes[i] = (byte)(number + i);
        return bytes;
    }

    public bool AddNote(RecordJournal journal, long value)
    {
        if (journal.TryAppend(Event(Note, value), RecordLife.Event, reserve: false, out long position) != AppendResult.Appended)
            return false;
        Apply(Note, value, position);
        return true;
    }

    /// <returns>The position of the thing; 0 when there was no room.</returns>
    public long AddThing(RecordJournal journal, long number, int length)
    {
        journal.BeginFrame();
        try
        {
            return AddInFrame(journal, number, length);
        }
        finally
        {
            journal.EndFrame();
        }
    }

    private long AddInFrame(RecordJournal journal, long number, int length)
    {
        if (journal.TryAppend(BytesOf(number, length), RecordLife.Body, reserve: false, out long thing) != AppendResult.Appended)
            return 0;
        if (journal.TryAppend(Event(Put, thing), RecordLife.Event, reserve: true, out long position) != AppendResult.Appended)
        {
            journal.Release(thing);
            return 0;
        }

        Apply(Put, thing, position);
        return thing;
    }

    public bool TakeThing(RecordJournal journal, long thing)
    {
        if (journal.TryAppend(Event(Take, thing), RecordLife.Event, reserve: true, out long position) != AppendResult.Appended)
            return false;
        Apply(Take, thing, position);
        journal.Release(thing);
        return true;
    }

    public bool TrySnapshot(RecordJournal journal)
    {
        byte[] state = new byte[sizeof(long) * (1 + Things.Count)];
        BinaryPrimitives.WriteInt64LittleEndian(state, Sum);
        int offset = sizeof(long);
        foreach (long thing in Things)
        {
            BinaryPrimitives.WriteInt64LittleEndian(state.AsSpan(offset), thing);
            offset += sizeof(long);
        }

        return journal.Snapshot(journal.LastPosition, state);
    }

    void IJournalReplay.Snapshot(ReadOnlySpan<byte> state, long upTo)
    {
        Assert.AreEqual(1, _history.Count, "the snapshot comes first");
        State = State with { Sum = BinaryPrimitives.ReadInt64LittleEndian(state) };
        for (int offset = sizeof(long); offset < state.Length; offset += sizeof(long))
        {
            long thing = BinaryPrimitives.ReadInt64LittleEndian(state[offset..]);
            if (Things.Add(thing))
                State = State.With(thing);
        }

        Remember(upTo);
    }

    void IJournalReplay.Record(long position, RecordLife life, ReadOnlySpan<byte> record)
    {
        Assert.IsGreaterThan(_history[^1].Position, position, "records come in order");
        if (life == RecordLife.Event)
            Apply(record[0], BinaryPrimitives.ReadInt64LittleEndian(record[1..]), position);
        else
            Remember(position);
    }

    bool IJournalReplay.IsLive(long position) => Things.Contains(position);

    private void Apply(byte kind, long value, long position)
    {
        if (kind == Note)
        {
            State = State with { Sum = Sum + value };
        }
        else if (kind == Put)
        {
            Assert.IsTrue(Things.Add(value));
            State = State.With(value);
        }
        else
        {
            Assert.IsTrue(Things.Remove(value), $"{value} was taken out and is not there");
            State = State.Without(value);
        }

        Remember(position);
    }

    private void Remember(long position)
    {
        if (_history[^1].Position == position)
            _history.RemoveAt(_history.Count - 1);
        _history.Add((position, State));
    }

    private static byte[] Event(byte kind, long value)
    {
        byte[] record = new byte[1 + sizeof(long)];
        record[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(1), value);
        return record;
    }
}
