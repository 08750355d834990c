namespace nanoFramework.Networking;

/// <summary>A PC's clock is set: nothing happens.</summary>
public class Sntp
{
    /// <summary>Whether the clock is being kept.</summary>
    public static bool IsStarted { get; private set; }

    /// <summary>First server.</summary>
    public static string Server1 { get; set; } = "";

    /// <summary>Asks at once, and then every hour.</summary>
    public static void Start() => IsStarted = true;
}
