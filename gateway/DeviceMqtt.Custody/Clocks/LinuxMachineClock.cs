using System.Globalization;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Custody.Clocks;

/// <summary>The clocks of a Linux machine: adjtimex(2), and the real-time clock under <c>/sys/class/rtc</c>, if it has one.</summary>
internal sealed partial class LinuxMachineClock : IMachineClock
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private const string BatteryClockFile = "/sys/class/rtc/rtc0/since_epoch";

    // The kernel clears this state when somebody sets the clock, and the NTP client sets it again when the clock is right.
    private const int NotSynchronized = 5; // TIME_ERROR

    // struct timex: 208 bytes with 64-bit longs, 128 with 32-bit ones. All zero, it asks and changes nothing.
    private const int TimexBytes = 512;

    // Chosen: the battery clock counts whole seconds and is written every 11 minutes; cheap ones lose some seconds a day.
    private const long BatteryToleranceMs = 5_000;

    public string BootId { get; } = ReadLine(BootIdFile) ?? "";

    /// <summary>This machine's, where it says anything; time that is not the system's has none.</summary>
    public static IMachineClock Of(TimeProvider time) =>
        time == TimeProvider.System && OperatingSystem.IsLinux() ? new LinuxMachineClock() : new UnknownMachineClock();

    public ClockVouchers VouchFor(long unixMs)
    {
        ClockVouchers vouchers = ClockVouchers.None;
        // Not permitted (-1) in some containers: then nobody vouches.
        if (AdjustTime(new byte[TimexBytes]) is >= 0 and not NotSynchronized)
            vouchers |= ClockVouchers.Network;
        if (long.TryParse(ReadLine(BatteryClockFile), CultureInfo.InvariantCulture, out long seconds) && Math.Abs((seconds * 1000) - unixMs) <= BatteryToleranceMs)
            vouchers |= ClockVouchers.Battery;
        return vouchers;
    }

    private static string? ReadLine(string path)
    {
        // A Raspberry Pi has no battery, and the first exception of a process costs it milliseconds of its start.
        if (!File.Exists(path))
            return null;
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // There is no such clock, or it cannot be read: it does not vouch.
        }
    }

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int AdjustTime(Span<byte> timex);
}
