using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// The memory that is not .NET's: mostly what the runtime needs while it compiles. The C library keeps what is freed of it for the next time. After a start, or after the first pages of the console,
/// that is megabytes, and there is no such next time.
/// </summary>
internal static partial class NativeHeap
{
    private static bool _isThere = OperatingSystem.IsLinux();

    /// <summary>Gives the kernel what is free of it. Does nothing where the C library cannot.</summary>
    public static void GiveBack()
    {
        if (!_isThere)
            return;
        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            _isThere = false; // musl gives back by itself
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
