namespace DeviceMqtt.Journal;

/// <summary>
/// A folder of files: all that a journal needs of a disk. What is not synced may be lost, in part or in any order, when
/// the power goes; that holds for names (<see cref="SyncNames"/>) as for bytes.
/// </summary>
/// <exception cref="IOException">Every method, when the disk fails.</exception>
public interface IJournalStorage
{
    /// <summary>What the folder is called in messages.</summary>
    string Name { get; }

    /// <summary>Takes the folder for this process alone, until the result is disposed.</summary>
    /// <exception cref="JournalException">Another process has it; the message names its id.</exception>
    IDisposable Lock();

    IReadOnlyList<string> List();

    IJournalFile Open(string name);

    /// <summary>A new file of so many zero bytes that are on the disk, not only promised.</summary>
    IJournalFile Create(string name, long bytes);

    /// <summary>Replaces a file of the new name.</summary>
    void Rename(string name, string newName);

    void Delete(string name);

    /// <summary>Whether an open file is still the one of that name in that folder. Asked after each commit: it costs microseconds.</summary>
    bool IsInPlace(string name, IJournalFile file);

    /// <summary>Names made, changed and deleted until now survive.</summary>
    void SyncNames();

    /// <summary>Bytes that can still be written.</summary>
    long FreeBytes();
}
