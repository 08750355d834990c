using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Tests.Flows;

[TestClass]
internal sealed class AwaitingTests
{
    private readonly Task _never = default(TurnSignal).Next();

    private sealed class Context : SynchronizationContext;

    private sealed class OnlyContext : SynchronizationContext, IOnlyContext;

    // What waits for a task itself is forgotten by it when it waits no longer. A task around it is not: a thousand publishers that a slow upstream held
    // back left ten thousand behind each second.
    [TestMethod]
    public void OnContextAsync_WithoutAContext_NothingStaysWithTheSignal()
    {
        Assert.IsNull(SynchronizationContext.Current);
        Assert.AreSame(_never, Awaiting.OnContextAsync(_never));
    }

    // As the thread that polls all sockets has: the thread pool is there, too.
    [TestMethod]
    public void OnContextAsync_OnAContextBesideOthers_NothingStaysWithTheSignal() => Assert.AreSame(_never, OnContext(new Context()));

    [TestMethod]
    public void OnContextAsync_OnTheOnlyContext_GoesOnThere() => Assert.AreNotSame(_never, OnContext(new OnlyContext()));

    private Task OnContext(SynchronizationContext context)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            return Awaiting.OnContextAsync(_never);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}
