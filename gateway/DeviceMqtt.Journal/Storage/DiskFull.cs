namespace DeviceMqtt.Journal;

/// <summary>Tells an error that says "no room" from one that says "broken".</summary>
internal static class DiskFull
{
    private const int NoSpaceLeft = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public static bool Is(IOException exception) => exception.HResult is NoSpaceLeft or QuotaExceeded or WindowsDiskFull;
}
