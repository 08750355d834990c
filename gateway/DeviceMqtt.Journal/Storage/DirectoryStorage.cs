using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace DeviceMqtt.Journal;

/// <summary>A real folder. It is made when it is not there.</summary>
public sealed class DirectoryStorage : IJournalStorage
{
    private const string LockName = "lock";
    private const string OwnerName = "lock.pid";

    // Zeros are written in pieces of this size.
    private static readonly byte[] Zeros = new byte[256 * 1024];
    private readonly string _folder;

    // Held from the lock on: a sync of the names then needs no file handle, of which there may be no more.
    private SafeFileHandle? _handle;

    public DirectoryStorage(string folder)
    {
        _folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(_folder);
    }

    // Error numbers of a file that somebody else has open.
    private const int WouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    public string Name => _folder;

    public IDisposable Lock()
    {
        FileStream held;
        try
        {
            // Advisory on Linux, and gone with the process however it ends.
            held = new FileStream(PathOf(LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult is WouldBlock or MacWouldBlock or WindowsSharingViolation)
        {
            string owner = File.Exists(PathOf(OwnerName)) ? File.ReadAllText(PathOf(OwnerName)).Trim() : "unknown";
            throw new JournalException(JournalFault.Locked, $"the data folder '{_folder}' is in use by process {owner}", exception);
        }

        NoteOwner();
        _handle = NativeSync.OpenFolder(_folder);
        return new Held(held, _handle);
    }

    private void NoteOwner()
    {
        try
        {
            File.WriteAllText(PathOf(OwnerName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            // The lock holds without it; only the message to a second gateway is poorer. A full disk must not keep us from starting.
        }
    }

    public IReadOnlyList<string> List() => [.. new DirectoryInfo(_folder).EnumerateFiles().Select(f => f.Name).Where(n => n is not (LockName or OwnerName))];

    public IJournalFile Open(string name) => new DirectoryFile(PathOf(name), FileMode.Open).Identified();

    public IJournalFile Create(string name, long bytes)
    {
        DirectoryFile file = new DirectoryFile(PathOf(name), FileMode.Create).Identified();
        try
        {
            // Preallocation would save nothing: the blocks would still be zeroed at the first write of each.
            for (long offset = 0; offset < bytes; offset += Zeros.Length)
                file.Write(offset, Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, bytes - offset)));
            return file;
        }
        catch
        {
            file.Dispose();
            File.Delete(PathOf(name)); // it takes the room that was too little
            throw;
        }
    }

    public void Rename(string name, string newName) => File.Move(PathOf(name), PathOf(newName), overwrite: true);

    public void Delete(string name) => File.Delete(PathOf(name));

    public bool IsInPlace(string name, IJournalFile file) => FileIdentity.Of(PathOf(name)) is { } found && found == ((DirectoryFile)file).Identity;

    public void SyncNames() => NativeSync.Folder(_folder, _handle);

    public long FreeBytes() => new DriveInfo(_folder).AvailableFreeSpace;

    private sealed class Held(FileStream file, SafeFileHandle? folder) : IDisposable
    {
        public void Dispose()
        {
            folder?.Dispose();
            file.Dispose();
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
