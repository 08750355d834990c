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
        {
            RandomAccess.FlushToDisk(handle);
            return;
        }

        bool isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            int descriptor = (int)handle.DangerousGetHandle();
            while (SyncData(descriptor) != 0)
                ThrowUnlessInterrupted("fdatasync", path);
        }
        finally
        {
            if (isHeld)
                handle.DangerousRelease();
        }
    }

    /// <exception cref="IOException">The sync failed.</exception>
    public static void Folder(string path)
    {
        if (!OperatingSystem.IsLinux())
            return; // No other system needs or offers it.
        int descriptor = OpenFile(path, OpenReadOnly);
        if (descriptor < 0)
            throw Failure("open", path);
        try
        {
            while (SyncAll(descriptor) != 0)
                ThrowUnlessInterrupted("fsync", path);
        }
        finally
        {
            _ = CloseFile(descriptor);
        }
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
    private static partial int SyncData(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncAll(int descriptor);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseFile(int descriptor);
}
