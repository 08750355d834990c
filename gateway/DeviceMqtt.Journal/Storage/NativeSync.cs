using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DeviceMqtt.Journal;

/// <summary>
/// fdatasync and fsync themselves: in .NET 10 <c>RandomAccess.FlushToDisk</c> and <c>FileStream.Flush(true)</c> say nothing
/// when the sync fails on Linux, and there is no way to sync a folder at all.
/// </summary>
internal static partial class NativeSync
{
    private const int InterruptedByaSignal = 4; // EINTR
    private const int OpenReadOnly = 0x80000; // O_CLOEXEC, the same on x64 and Arm as O_DIRECTORY is not; O_RDONLY is 0

    /// <exception cref="IOException">The sync failed. The error number is the HResult.</exception>
    public static void File(SafeFileHandle handle, string path)
    {
        if (!OperatingSystem.IsLinux())
            RandomAccess.FlushToDisk(handle);
        else
            while (SyncData(handle) != 0)
                ThrowUnlessInterrupted("fdatasync", path);
    }

    /// <returns>A handle of the folder; null on systems that neither need nor offer a sync of names.</returns>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? OpenFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        SafeFileHandle handle = OpenFile(path, OpenReadOnly);
        if (!handle.IsInvalid)
            return handle;
        IOException failure = Failure("open", path);
        handle.Dispose();
        throw failure;
    }

    /// <param name="path">For the message.</param>
    /// <param name="held">From <see cref="OpenFolder"/>; null to open it for this once.</param>
    /// <exception cref="IOException">The sync failed.</exception>
    public static void Folder(string path, SafeFileHandle? held)
    {
        using SafeFileHandle? opened = held is { IsClosed: false } ? null : OpenFolder(path);
        if ((opened ?? held) is not { } folder || !OperatingSystem.IsLinux())
            return;
        while (SyncAll(folder) != 0)
            ThrowUnlessInterrupted("fsync", path);
    }

    private static void ThrowUnlessInterrupted(string call, string path)
    {
        if (Marshal.GetLastPInvokeError() != InterruptedByaSignal)
            throw Failure(call, path);
    }

    private static IOException Failure(string call, string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{call} of '{path}': {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncData(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncAll(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle OpenFile(string path, int flags);
}
