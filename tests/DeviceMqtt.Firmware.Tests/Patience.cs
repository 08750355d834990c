namespace DeviceMqtt.Firmware.Tests;

/// <summary>How long a test waits for what must happen. Never reached when it does.</summary>
internal static class Patience
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
}
