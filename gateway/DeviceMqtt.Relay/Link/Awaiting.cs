namespace DeviceMqtt.Relay.Link;

/// <summary>How the relay waits.</summary>
internal static class Awaiting
{
    /// <summary>
    /// However it ends, which the caller looks at itself; and what follows runs where the caller does: in a simulation everything runs
    /// on one context.
    /// </summary>
    public const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    /// <summary>Has what waits for a task of the turn go on where the caller does, and not on the thread pool.</summary>
    public static async Task OnContextAsync(Task task) => await task;
}
