namespace DeviceMqtt.Gateway.Web;

/// <summary>Section <c>Console</c> of the settings: the HTTP API and the web console.</summary>
internal sealed class ConsoleOptions
{
    /// <summary>False: HTTP has MQTT over WebSocket and nothing else.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Bytes of memory for the recent readings of all devices, for the charts. Beyond, the oldest series get thinner.</summary>
    public int ReadingsBytesMax { get; set; } = 16 * 1024 * 1024;

    /// <summary>People that may be logged in at once; the one that was idle for longest is logged out for the next.</summary>
    public int SessionsMax { get; set; } = 64;

    /// <summary>Minutes without a request after which somebody is logged out.</summary>
    public int SessionMinutesMax { get; set; } = 12 * 60;

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check() =>
        ReadingsBytesMax is < 65_536 or > 1_073_741_824 ? $"Console:ReadingsBytesMax is {ReadingsBytesMax}; it must be between 65536 and 1073741824"
        : SessionsMax is < 1 or > 10_000 ? $"Console:SessionsMax is {SessionsMax}; it must be between 1 and 10000"
        : SessionMinutesMax is < 1 or > 43_200 ? $"Console:SessionMinutesMax is {SessionMinutesMax}; it must be between 1 and 43200"
        : null;
}
