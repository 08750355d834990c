using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// The memory that is not .NET's: mostly what the runtime needs while it compiles. The C library keeps what is freed of it for the next time. After a start, or after the first pages of the console,
/// that is megabytes, and there is no such next time.
/// </summary>
/// <remarks>
/// <c>malloc_trim</c> leaves the free end of an arena that is not the first (glibc, <c>mtrim</c> in malloc.c). The compiler's thread has such an arena, and what it needs for one large method is at its end. That end is
/// given back by <c>free</c> once it is longer than M_TRIM_THRESHOLD, which glibc raises with each large block that was freed, up to 64 MB. So the bound is set, and stays. Measured: 2 MB
/// after 20 pages of the console were opened.
/// </remarks>
internal static partial class NativeHeap
{
    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD of mallopt(3)

    // What glibc begins with. Not before the start is over: its compiler needs that memory again for the next method.
    private const int FreeEndBytesMax = 128 * 1024;
    private static bool _isThere = OperatingSystem.IsLinux();

    /// <summary>Gives the kernel what is free of it. Does nothing where the C library cannot.</summary>
    public static void GiveBack()
    {
        if (!_isThere)
            return;
        try
        {
            _ = Set(TrimThreshold, FreeEndBytesMax);
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            _isThere = false; // musl gives back by itself
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Set(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
