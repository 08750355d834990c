using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Tests.Flows;

[TestClass]
internal sealed class AwaitingTests
{
    private class Context : SynchronizationContext
    {
        public TaskCompletionSource Posted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Post(SendOrPostCallback d, object? state)
        {
            _ = Posted.TrySetResult();
            base.Post(d, state);
        }
    }

    private sealed class OnlyContext : Context, IOnlyContext;

    // What waits for a task itself is forgotten by it when it waits no longer. A task around it is not: a thousand publishers that a slow upstream held
    // back left ten thousand behind each second.
    [TestMethod]
    public void OnContextAsync_WithoutAContext_NothingStaysWithTheSignal()
    {
        TurnSignal signal = default;
        Task never = signal.Next();
        Assert.IsNull(SynchronizationContext.Current);
        Assert.AreSame(never, Awaiting.OnContextAsync(never));
    }

    // As the thread that polls all sockets has: the thread pool is there, too.
    [TestMethod]
    public void OnContextAsync_OnAContextBesideOthers_NothingStaysWithTheSignal()
    {
        TurnSignal signal = default;
        Task never = signal.Next();
        Assert.AreSame(never, WaitOn(new Context(), never));
    }

    [TestMethod]
    public async Task OnContextAsync_OnTheOnlyContext_GoesOnThere()
    {
        TurnSignal signal = default;
        OnlyContext context = new();
        Task waiting = WaitOn(context, signal.Next());
        signal.Set();
        await Patience.Within(context.Posted.Task, "what follows, on the context");
        await Patience.Within(waiting, "the end of the wait");
    }

    private static Task WaitOn(Context context, Task task)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            return Awaiting.OnContextAsync(task);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}
