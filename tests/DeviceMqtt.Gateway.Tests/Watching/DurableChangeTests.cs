using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>What was changed over HTTP, and the disk does not say that it has it.</summary>
[TestClass]
public sealed class DurableChangeTests
{
    [TestMethod]
    public async Task Change_DiskStands_NotCertainByTheClockOfTheGateway()
    {
        await using TestBroker broker = TestBroker.Start();
        DurableGate gate = broker.Broker.Turn.Gate;
        Task<(bool Found, DurableEnd End)> made = DurableChange.MakeAsync(broker.Broker, () =>
        {
            gate.Join(Kept.At(5));
            return true;
        });
        await Patience.Within(broker.Time.TimerCreated, "a timer of that clock");
        broker.Time.Advance(TimeSpan.FromSeconds(DurableChange.WaitSecondsMax - 1));
        Assert.IsFalse(made.IsCompleted);
        broker.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual((true, DurableEnd.NotCertain), await Patience.Within(made, "the answer"));
    }
}
