using System.Runtime.InteropServices;

namespace DeviceMqtt.Gateway.Security;

/// <summary>A file that is certainly not there, told apart from one that this process may not look at.</summary>
internal static partial class AbsentFile
{
    private const int NoEntry = 2; // ENOENT
    private const int Exists = 0; // F_OK

    /// <returns>True where the system says that there is no such file. False says nothing.</returns>
    public static bool Is(string path) => OperatingSystem.IsLinux() && Access(path, Exists) != 0 && Marshal.GetLastPInvokeError() == NoEntry;

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Access(string path, int mode);
}
