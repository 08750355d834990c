namespace nanoFramework.Networking;

/// <summary>
/// The runtime's time client. As on an ESP32, the runtime itself has started it with a server of its own as soon as there was an address. A PC's clock is set: a
/// test looks at who was asked.
/// </summary>
public class Sntp
{
    /// <summary>Whom the runtime asks by itself.</summary>
    internal const string Default = "pool.ntp.org";

    /// <summary>Whether the clock is being kept.</summary>
    public static bool IsStarted { get; private set; } = true;

    /// <summary>First server. Another one is asked from the next time on, which is an hour away.</summary>
    public static string Server1 { get; set; } = Default;

    /// <summary>Who was asked last.</summary>
    internal static string Asked { get; private set; } = Default;

    /// <summary>How often somebody was asked at a start.</summary>
    internal static int Starts { get; private set; }

    /// <summary>Asks at once, and then every hour. Does nothing while it is started.</summary>
    public static void Start()
    {
        if (!IsStarted)
        {
            IsStarted = true;
            Asked = Server1;
            Starts++;
        }
    }

    /// <summary>Asks no more.</summary>
    public static void Stop() => IsStarted = false;

    /// <summary>As the runtime leaves it when the network is there for the first time.</summary>
    internal static void Reset()
    {
        IsStarted = true;
        Server1 = Default;
        Asked = Default;
        Starts = 0;
    }
}
