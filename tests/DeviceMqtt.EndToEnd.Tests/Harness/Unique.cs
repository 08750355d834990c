namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>Names that no other case uses.</summary>
internal static class Unique
{
    private static int _count;

    /// <summary>Fit for a Client Identifier and for a topic level; at most 23 characters, which every broker must take [MQTT-3.1.3-5].</summary>
    public static string Name(string stem) => $"{stem}-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
}
