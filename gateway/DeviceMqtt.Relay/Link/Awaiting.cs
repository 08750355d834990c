namespace DeviceMqtt.Relay.Link;

/// <summary>How the relay waits.</summary>
internal static class Awaiting
{
    /// <summary>
    /// However it ends, which the caller looks at itself; and what follows runs where the caller does: in a simulation everything runs
    /// on one context.
    /// </summary>
    public const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
}
