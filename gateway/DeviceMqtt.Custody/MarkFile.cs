using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody;

/// <summary>A small file beside a journal that is there as a whole or not at all.</summary>
internal static class MarkFile
{
    private const string UnfinishedEnd = ".tmp"; // which a start removes

    /// <summary>Writes the file, or another in its place. On the disk when it returns, the name included.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(IJournalStorage storage, string name, byte[] bytes)
    {
        string unfinished = name + UnfinishedEnd;
        if (storage.List().Contains(unfinished))
            storage.Delete(unfinished);
        using (IJournalFile file = storage.Create(unfinished, bytes.Length))
        {
            file.Write(0, bytes);
            file.Sync();
        }

        storage.Rename(unfinished, name);
        storage.SyncNames();
    }
}
