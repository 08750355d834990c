namespace nanoFramework.Runtime.Native;

/// <summary>The chip's clock. A PC's is not ours to set: what was asked for is remembered.</summary>
public static class Rtc
{
    /// <summary>What it was set to last.</summary>
    internal static DateTime? SetTo { get; private set; }

    /// <summary>Sets it.</summary>
    public static bool SetSystemTime(DateTime dateTime)
    {
        SetTo = dateTime;
        return true;
    }
}
