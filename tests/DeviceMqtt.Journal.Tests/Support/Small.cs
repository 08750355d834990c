namespace DeviceMqtt.Journal.Tests;

/// <summary>A journal of a few kilobytes, in which everything happens soon: segments fill up, go, and are used again.</summary>
internal static class Small
{
    /// <summary>How long a test waits for what must come: far more than it takes, so that a loaded machine fails nothing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static JournalOptions Options { get; } = new()
    {
        SegmentBytes = 4096,
        BytesMax = 16 * 4096,
        FreeFloorBytes = 0,
        ReserveBytes = 2 * 4096,
        RecordBytesMax = 64 * 1024,
        FrameBytesMax = 1024,
        SnapshotAfterBytes = 2048,
        RetryWhenFull = TimeSpan.FromMilliseconds(1),
        LazyMax = TimeSpan.FromHours(1), // only what a test commits is committed
    };

    public static RecordJournal Open(IJournalStorage storage, out Book book, JournalOptions? options = null)
    {
        book = new Book();
        return RecordJournal.Open(storage, options ?? Options, book);
    }

    /// <summary>Commits, and waits until everything appended is durable.</summary>
    /// <returns>False when the journal has failed instead, or there is no room on the disk for it now.</returns>
    public static bool CommitAll(this RecordJournal journal, Action<Exception>? failed = null)
    {
        long wanted = journal.LastPosition;
        using ManualResetEventSlim ended = new();
        journal.Durable = durable =>
        {
            if (durable >= wanted)
                ended.Set();
        };
        journal.Failed = exception =>
        {
            failed?.Invoke(exception);
            ended.Set();
        };
        journal.Commit();
        if (journal.Status.IsFailed)
            return wanted <= journal.DurablePosition; // it failed before there was anybody to tell
        return wanted <= journal.DurablePosition || (ended.Wait(Small.Patience) && journal.DurablePosition >= wanted);
    }

    /// <summary>Takes a snapshot, and waits until it is on the disk and what it made superfluous is gone.</summary>
    public static void SnapshotAll(this RecordJournal journal, Book book)
    {
        if (!book.TrySnapshot(journal))
            return;
        Assert.IsTrue(SpinWait.SpinUntil(() => !journal.IsSnapshotting || journal.Status.IsFailed, Small.Patience), $"a snapshot was not finished, {journal.PendingBytes} bytes pending: {journal.Status}");
    }

    /// <summary>Takes a thing out. A copy that is under way may have the reserve for a moment; it may not keep it.</summary>
    public static void TakeWhenThereIsRoom(this RecordJournal journal, Book book, long thing, string context)
    {
        bool hasRoom = SpinWait.SpinUntil(() =>
        {
            bool isTaken = book.TakeThing(journal, thing);
            if (!isTaken)
                journal.Commit();
            return isTaken;
        }, Patience);
        Assert.IsTrue(hasRoom, $"{context}: {journal.Status}");
    }

    /// <summary>Every thing of the book is in the journal, in its own bytes.</summary>
    public static void AssertHolds(this RecordJournal journal, Book book)
    {
        ReadAhead ahead = new();
        foreach (long thing in book.Things)
        {
            System.Buffers.ArrayBufferWriter<byte> bytes = new();
            Assert.IsTrue(journal.TryRead(thing, bytes), $"the body {thing} is gone");
            byte[] read = bytes.WrittenSpan.ToArray();
            AssertSame(Book.BytesOf(BitConverter.ToInt64(read), read.Length), read, $"the body {thing} has changed");
            Assert.IsTrue(journal.TryRead(thing, ahead, out ReadOnlySpan<byte> record), $"the body {thing} is gone");
            AssertSame(read, record, $"the body {thing} is another when it is read ahead");
        }
    }

    // Byte by byte only where that has something to say: for thousands of bodies it takes long.
    private static void AssertSame(byte[] expected, ReadOnlySpan<byte> actual, string message)
    {
        if (!actual.SequenceEqual(expected))
            CollectionAssert.AreEqual(expected, actual.ToArray(), message);
    }
}
