namespace DeviceMqtt.Journal.Tests;

/// <summary>
/// The folder is taken away while the journal is open: writes and syncs of files that have no name any more succeed, and all
/// is gone with the process. A journal once acknowledged on.
/// </summary>
[TestClass]
public sealed class FolderGoneTests
{
    public enum Loss
    {
        FolderDeleted,
        FolderMovedAway,
        FolderReplacedByAnother,
        FolderReplacedByACopy,
        ActiveSegmentDeleted,
    }

    [TestMethod]
    [DataRow(Loss.FolderDeleted)]
    [DataRow(Loss.FolderMovedAway)]
    [DataRow(Loss.FolderReplacedByAnother)]
    [DataRow(Loss.FolderReplacedByACopy)]
    [DataRow(Loss.ActiveSegmentDeleted)]
    public async Task Folder_TakenAway_NothingIsReportedDurableFromTheNextCommitOn(Loss loss)
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("an open folder cannot be taken away on Windows");
        string parent = Directory.CreateTempSubdirectory("devicemqtt-journal-").FullName;
        try
        {
            string folder = Path.Combine(parent, "journal");
            await using RecordJournal journal = Small.Open(new DirectoryStorage(folder), out Book book, Small.Options with { SparesMax = 0 }); // or it may be noticed while a spare is made
            _ = book.AddNote(journal, 1);
            Assert.IsTrue(journal.CommitAll());
            long durable = journal.DurablePosition;
            await TakeAwayAsync(loss, folder, Path.Combine(parent, "elsewhere"));

            _ = book.AddNote(journal, 2);
            TaskCompletionSource<Exception> failed = new();
            Assert.IsFalse(journal.CommitAll(failed.SetResult), $"{loss}: it was reported durable");
            Assert.AreEqual(durable, journal.DurablePosition);
            JournalException told = Assert.IsInstanceOfType<JournalException>(await failed.Task);
            Assert.AreEqual(JournalFault.FolderGone, told.Fault);
            Assert.Contains(folder, told.Message, StringComparison.Ordinal);
            Assert.AreEqual(AppendResult.Failed, journal.TryAppend([1], RecordLife.Event, reserve: true, out _));
            Assert.IsFalse(File.Exists(Path.Combine(folder, FileNames.Distrusted)), "it wrote into a folder that is not its own");
        }
        finally
        {
            Directory.Delete(parent, recursive: true);
        }
    }

    [TestMethod]
    public async Task AnySegment_Deleted_NoticedWithinAsManyCommitsAsThereAreSegments()
    {
        MemoryStorage storage = new();
        await using RecordJournal journal = Small.Open(storage, out Book book);
        while (journal.Status.Segments < 5)
        {
            _ = book.AddThing(journal, 1, 400);
            Assert.IsTrue(journal.CommitAll());
        }

        storage.Lose(storage.List().Where(n => FileNames.IsSegment(n, out _)).Order(StringComparer.Ordinal).ElementAt(1));
        int commits = 0;
        while (commits < 100 && book.AddNote(journal, 1) && journal.CommitAll())
            commits++;

        Assert.IsLessThanOrEqualTo(5, commits);
    }

    private static async Task TakeAwayAsync(Loss loss, string folder, string elsewhere)
    {
        switch (loss)
        {
            case Loss.FolderDeleted:
                Directory.Delete(folder, recursive: true);
                break;
            case Loss.FolderMovedAway:
                Directory.Move(folder, elsewhere);
                break;
            case Loss.FolderReplacedByAnother:
                Directory.Move(folder, elsewhere);
                await using (RecordJournal another = Small.Open(new DirectoryStorage(folder), out Book book))
                    _ = book.AddNote(another, 3);
                break;
            case Loss.FolderReplacedByACopy:
                Directory.Move(folder, elsewhere);
                _ = Directory.CreateDirectory(folder);
                foreach (string file in Directory.GetFiles(elsewhere, "*.segment"))
                    File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
                break;
            default:
                foreach (string file in Directory.GetFiles(folder, "*.segment"))
                    File.Delete(file);
                break;
        }
    }
}
