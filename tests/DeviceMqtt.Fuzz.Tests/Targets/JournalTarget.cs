using DeviceMqtt.Journal;
using DeviceMqtt.Journal.Tests;

namespace DeviceMqtt.Fuzz.Tests.Targets;

/// <summary>The files of a journal: the input takes the place of one of them.</summary>
internal static class JournalTarget
{
    public static FuzzTarget Create()
    {
        MemoryStorage written = Write();
        string[] names = [.. written.List()];
        return new FuzzTarget("journal", [.. names.Select((name, i) => (byte[])[(byte)i, .. written.Read(name)])], input => Read(written.Crash(), names, input));
    }

    // Read as it is, and by those who look into what is damaged: it opens with what is sound, or says what is wrong.
    private static void Read(MemoryStorage storage, string[] names, byte[] input)
    {
        if (input.Length == 0)
            return;
        storage.Damage(names[input[0] % names.Length], _ => input[1..]);
        try
        {
            _ = new JournalInspector(storage).Inspect();
            Small.Open(storage, out _).DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        catch (JournalException exception)
        {
            if (exception.Message.Length == 0)
                throw new InvalidOperationException("a damaged journal is refused without a word", exception);
        }
    }

    private static MemoryStorage Write()
    {
        MemoryStorage storage = new();
        RecordJournal journal = Small.Open(storage, out Book book);
        for (int i = 0; i < 40; i++)
        {
            _ = i % 3 == 0 ? book.AddThing(journal, i, 40) > 0 : book.AddNote(journal, i);
            _ = journal.CommitAll();
        }

        journal.SnapshotAll(book);
        journal.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return storage.Crash();
    }
}
