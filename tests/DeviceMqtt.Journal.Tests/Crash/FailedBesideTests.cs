namespace DeviceMqtt.Journal.Tests;

/// <summary>The journal fails while a file is made beside it: the folder is not another's before that has ended.</summary>
[TestClass]
public sealed class FailedBesideTests
{
    private static readonly TimeSpan Enough = TimeSpan.FromMilliseconds(200);

    [TestMethod]
    [DataRow(".snapshot")]
    [DataRow(".spare")]
    public async Task Sync_FailsWhileAFileIsMade_TheFolderIsKeptUntilThatHasEnded(string kind)
    {
        WatchedStorage storage = new(new MemoryStorage());
        using ManualResetEventSlim begun = new();
        using ManualResetEventSlim goOn = new();
        using ManualResetEventSlim unlocked = new();
        bool isBroken = false;
        storage.Unlocked = unlocked.Set;
        storage.Before = (what, name) =>
        {
            if (what == "create" && name.Contains(kind, StringComparison.Ordinal))
            {
                begun.Set();
                _ = goOn.Wait(Small.Patience);
            }

            return isBroken && what == "sync" && Thread.CurrentThread.Name == "journal" ? new IOException("Input/output error", 5) : null;
        };
        RecordJournal journal = Small.Open(storage, out Book book);
        Assert.IsTrue(book.AddNote(journal, 1));
        Assert.IsTrue(journal.CommitAll());
        _ = book.TrySnapshot(journal);
        Assert.IsTrue(begun.Wait(Small.Patience), "no file is made");
        isBroken = true;
        Assert.IsTrue(book.AddNote(journal, 2));
        Assert.IsFalse(journal.CommitAll());
        Assert.IsTrue(journal.IsFailed);
        Assert.IsFalse(unlocked.Wait(Enough), "another may have the folder, into which this one writes");
        goOn.Set();
        await journal.DisposeAsync();
        Assert.IsTrue(unlocked.IsSet);
    }
}
