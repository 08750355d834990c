using System.Text;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Custody;

/// <summary>
/// The file in the folder of a journal that says: this is the state of a backup, and clients and upstreams have gone on since. Whoever restores a backup writes it. The first start on it
/// has the journal itself say so, and removes it when that is on the disk.
/// </summary>
internal sealed class RestoreMark
{
    public const string FileName = "restored";

    private const int NameBytesMax = 64; // chosen: a name of 32 characters, and more for others
    private readonly IJournalStorage _storage;

    private RestoreMark(IJournalStorage storage, string name) => (_storage, Name) = (storage, name);

    /// <summary>Of this restore, and no other: the same backup may be restored twice.</summary>
    public string Name { get; }

    /// <summary>Marks the journal in a folder that no gateway has open. On the disk when it returns, the name included.</summary>
    /// <param name="storage">The folder.</param>
    /// <param name="name">Of the restore; null for a new one.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(IJournalStorage storage, string? name) => MarkFile.Write(storage, FileName, Encoding.UTF8.GetBytes(name ?? Guid.NewGuid().ToString("N")));

    /// <summary>Null when the journal is not the state of a backup, or that is settled.</summary>
    /// <exception cref="InvalidDataException">It cannot be what was written.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RestoreMark? Find(IJournalStorage storage)
    {
        if (!storage.List().Contains(FileName))
            return null;
        using IJournalFile file = storage.Open(FileName);
        byte[] bytes = new byte[Math.Min(file.Length, NameBytesMax)];
        int read = bytes.Length == 0 ? 0 : file.Read(0, bytes);
        if (file.Length is 0 or > NameBytesMax || read < bytes.Length || bytes.Contains((byte)0))
            throw new InvalidDataException($"'{FileName}' in the folder of the journal ({storage.Name}) is not what a restore writes: restore the backup once more into an empty folder");
        return new RestoreMark(storage, Encoding.UTF8.GetString(bytes));
    }

    /// <summary>The journal itself says so now.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void Remove()
    {
        _storage.Delete(FileName);
        _storage.SyncNames();
    }
}
