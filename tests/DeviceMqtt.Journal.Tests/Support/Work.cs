namespace DeviceMqtt.Journal.Tests;

/// <summary>What an owner does with its journal, at random: notes, things in and out, commits and snapshots.</summary>
internal static class Work
{
    public static void Do(RecordJournal journal, Book book, Random random, int steps)
    {
        for (int step = 0; step < steps && !journal.Status.IsFailed; step++)
        {
            for (int i = random.Next(6); i >= 0; i--)
                Change(journal, book, random);
            // Now and then a snapshot is written while things are taken out that are still in it.
            if (random.Next(5) == 0)
                _ = book.TrySnapshot(journal);
            for (int i = random.Next(4); i > 0 && book.Things.Count > 0; i--)
                _ = book.TakeThing(journal, book.Things.Min);
            _ = journal.CommitAll();
            if (random.Next(5) == 0)
                journal.SnapshotAll(book);
        }
    }

    private static void Change(RecordJournal journal, Book book, Random random)
    {
        int choice = random.Next(10);
        if (choice < 4)
            _ = book.AddThing(journal, random.Next(), random.Next(8, 400));
        else if (choice < 8 && book.Things.Count > 0)
            _ = book.TakeThing(journal, book.Things.ElementAt(random.Next(book.Things.Count)));
        else
            _ = book.AddNote(journal, random.Next(1000));
    }
}
