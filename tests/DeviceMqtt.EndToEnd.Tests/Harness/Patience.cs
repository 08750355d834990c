namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>How long a test waits for an event before it fails. Never a duration that a passing test spends.</summary>
internal static class Patience
{
    /// <summary>Chosen, because a two-core machine that has other work starts a .NET process in up to ten seconds, a broker with plugins in more; what takes a minute means a fault.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(60);
}
