namespace DeviceMqtt.Gateway.Web;

/// <summary>Somebody who is logged in.</summary>
internal sealed class ConsoleSession(string user, ConsoleRole role, string address, long sinceUnixMs)
{
    public string User => user;

    public ConsoleRole Role => role;

    /// <summary>From where.</summary>
    public string Address => address;

    public long SinceUnixMs { get; } = sinceUnixMs;

    public long LastUnixMs { get; set; } = sinceUnixMs;
}
