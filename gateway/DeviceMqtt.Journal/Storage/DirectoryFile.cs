using Microsoft.Win32.SafeHandles;

namespace DeviceMqtt.Journal;

/// <summary>A file on a real disk.</summary>
internal sealed class DirectoryFile(string path, FileMode mode) : IJournalFile
{
    private readonly SafeFileHandle _handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    public long Length => RandomAccess.GetLength(_handle);

    public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_handle, bytes, offset);

    public int Read(long offset, Span<byte> bytes)
    {
        int total = 0;
        while (total < bytes.Length)
        {
            int read = RandomAccess.Read(_handle, bytes[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }

    public void Sync() => NativeSync.File(_handle, path);

    /// <summary>Which file of the system it is, whatever its name is by now.</summary>
    public FileIdentity Identity { get; private set; }

    public DirectoryFile Identified()
    {
        Identity = FileIdentity.Of(_handle);
        return this;
    }

    public void Dispose() => _handle.Dispose();
}
