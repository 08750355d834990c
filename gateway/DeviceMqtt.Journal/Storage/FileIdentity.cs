using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DeviceMqtt.Journal;

/// <summary>
/// Which file of the system a handle or a path means: device and inode, by statx, whose layout is the same on all processors
/// (that of fstat is not). On systems without it every path that exists counts as the file that was opened.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly partial record struct FileIdentity(ulong Inode, ulong Device)
{
    // linux/stat.h, struct statx: 256 bytes, the inode at 32, the device's two numbers at 136.
    private const int StatBytes = 256;
    private const int InodeOffset = 32;
    private const int DeviceOffset = 136;

    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH: the handle itself
    private const int FromWorkingFolder = -100; // AT_FDCWD
    private const uint InodeMask = 0x100; // STATX_INO

    // ENOSYS: a kernel before 4.11. EPERM: a sandbox that does not know the call.
    private const int NoSuchCall = 38;
    private const int NotPermitted = 1;

    public static FileIdentity Of(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
            return default;
        Span<byte> stat = stackalloc byte[StatBytes];
        return Stat(handle, "", EmptyPath, InodeMask, stat) == 0 ? Read(stat) : default;
    }

    /// <returns>Null when there is no such file, or the disk does not say.</returns>
    public static FileIdentity? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return File.Exists(path) ? default(FileIdentity) : null;
        Span<byte> stat = stackalloc byte[StatBytes];
        if (Stat(FromWorkingFolder, path, 0, InodeMask, stat) == 0)
            return Read(stat);
        return Marshal.GetLastPInvokeError() is NoSuchCall or NotPermitted && File.Exists(path) ? default(FileIdentity) : null;
    }

    private static FileIdentity Read(ReadOnlySpan<byte> stat) =>
        new(MemoryMarshal.Read<ulong>(stat[InodeOffset..]), MemoryMarshal.Read<ulong>(stat[DeviceOffset..]));

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(SafeFileHandle folder, string path, int flags, uint mask, Span<byte> stat);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(int folder, string path, int flags, uint mask, Span<byte> stat);
}
