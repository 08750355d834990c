namespace nanoFramework.Hardware.Esp32;

/// <summary>Sleep of the chip. On a PC nobody sleeps: a test looks at what was asked for.</summary>
public class Sleep
{
    /// <summary>Why the chip woke up.</summary>
    public enum WakeupCause
    {
        /// <summary>It was not asleep.</summary>
        Undefined = 0,

        /// <summary>The time was over.</summary>
        Timer = 4,
    }

    /// <summary>How long it is to sleep.</summary>
    internal static TimeSpan WakeUpAfter { get; private set; }

    /// <summary>Called in place of falling asleep.</summary>
    internal static Action? FallAsleep { get; set; }

    /// <summary>What woke it.</summary>
    internal static WakeupCause Cause { get; set; }

    /// <summary>Wakes up after a time.</summary>
    public static EspNativeError EnableWakeupByTimer(TimeSpan time)
    {
        WakeUpAfter = time;
        return time > TimeSpan.Zero ? EspNativeError.OK : EspNativeError.INVALID_ARG;
    }

    /// <summary>Falls asleep. On a chip this does not return: it starts anew when it wakes up.</summary>
    public static void StartDeepSleep() => FallAsleep?.Invoke();

    /// <summary>Why the chip woke up.</summary>
    public static WakeupCause GetWakeupCause() => Cause;
}
