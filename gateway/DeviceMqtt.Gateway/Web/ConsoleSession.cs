namespace DeviceMqtt.Gateway.Web;

/// <summary>Somebody who is logged in.</summary>
/// <param name="user">Who.</param>
/// <param name="stamp">Of the user when it logged in (<see cref="Security.Users.UserTable.StampOf"/>): it lasts as long as that one.</param>
/// <param name="address">From where.</param>
/// <param name="sinceUnixMs">Since when.</param>
internal sealed class ConsoleSession(string user, string stamp, string address, long sinceUnixMs)
{
    public string User => user;

    /// <inheritdoc cref="ConsoleSession(string, string, string, long)"/>
    public string Stamp { get; set; } = stamp;

    public string Address => address;

    public long SinceUnixMs { get; } = sinceUnixMs;

    public long LastUnixMs { get; set; } = sinceUnixMs;

    /// <summary>The same by the clock that never leaps (<see cref="TimeProvider.GetTimestamp"/>): it decides how long somebody was idle.</summary>
    public required long LastTimestamp { get; set; }
}
