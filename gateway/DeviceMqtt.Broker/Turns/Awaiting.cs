namespace DeviceMqtt.Broker.Turns;

/// <summary>How those wait who are outside a turn.</summary>
internal static class Awaiting
{
    /// <summary>
    /// However it ends, which the caller looks at itself; and what follows runs where the caller does: in a simulation everything runs
    /// on one context.
    /// </summary>
    public const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    /// <summary>
    /// In a simulation, has what waits for a task of the turn go on where the caller does, without the thread pool. Elsewhere this is the task itself, also on
    /// a thread that has a context: a task around it would stay with a <see cref="TurnSignal"/> that does not come, also when its caller has waited long enough.
    /// Each publisher that an upstream holds back waits anew ten times a second, perhaps for hours.
    /// </summary>
    public static Task OnContextAsync(Task task) => SynchronizationContext.Current is IOnlyContext ? AroundAsync(task) : task;

    private static async Task AroundAsync(Task task) => await task;
}
