using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>A fault of the gateway in a look at its state is told to whoever asked, counted, and is nobody else's.</summary>
[TestClass]
public sealed class TurnWorkTests
{
    private readonly Ground _ground = new(new FakeTime(), new GatewayLimits());

    [TestMethod]
    [DataRow(0), DataRow(1), DataRow(9)]
    public async Task ForEach_ThrowsAtTheNth_WhoAskedIsToldAndItsRoomIsEmpty(int bad)
    {
        List<int> room = [];
        Task walk = TurnWork.ForEachAsync(_ground.Turn, room, static () => Enumerable.Range(0, 10), (int item) =>
        {
            if (item == bad)
                throw new InvalidOperationException("a fault of the gateway");
        });
        _ = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => walk);
        AssertIsOver(room);
    }

    [TestMethod]
    public async Task Step_Throws_WhoAskedIsTold()
    {
        Task steps = TurnWork.StepAsync(_ground.Turn, static () => throw new InvalidOperationException("a fault of the gateway"));
        _ = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => steps);
        AssertIsOver([]);
    }

    private void AssertIsOver(List<int> room)
    {
        Assert.IsEmpty(room);
        using Turn.Scope scope = _ground.Turn.Enter();
        Assert.AreEqual((1L, 0), (_ground.Counters.JobFaults, _ground.Turn.Jobs.Count));
    }
}
