namespace nanoFramework.Runtime.Native;

/// <summary>Restart of the board. On a PC a test looks at what was asked for.</summary>
public class Power
{
    /// <summary>Called in place of a restart.</summary>
    internal static Action? Reboot { get; set; }

    /// <summary>Starts the board anew.</summary>
    public static void RebootDevice(RebootOption rebootOption) => Reboot?.Invoke();
}
