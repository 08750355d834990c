using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Tests.Flows;

[TestClass]
internal sealed class AwaitingTests
{
    private sealed class Context : SynchronizationContext;

    // What waits for a task itself is forgotten by it when it waits no longer. A task around it is not: a thousand publishers that a slow upstream held
    // back left ten thousand behind each second.
    [TestMethod]
    public void OnContextAsync_WithoutAContext_NothingStaysWithTheSignal()
    {
        TurnSignal signal = default;
        Task never = signal.Next();
        Assert.AreSame(never, Awaiting.OnContextAsync(never));
    }

    [TestMethod]
    public void OnContextAsync_WithAContext_GoesOnThere()
    {
        TurnSignal signal = default;
        Task never = signal.Next();
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Context());
        try
        {
            Assert.AreNotSame(never, Awaiting.OnContextAsync(never));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }
}
