namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>How long a test waits for an event before it fails. Never a duration that a passing test spends.</summary>
internal static class Patience
{
    /// <summary>Chosen, because a loaded two-core machine starts a .NET process in two seconds; ten times that means a fault.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(20);
}
