using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;

namespace DeviceMqtt.Relay.Tests;

/// <summary>How old what waits for an upstream is, over a restart and whatever the clock on the wall shows.</summary>
[TestClass]
internal sealed class BacklogAgeTests
{
    [TestMethod]
    [DataRow(1), DataRow(-1), DataRow(3650), DataRow(-3650)]
    public async Task Backlog_AcceptedWhileTheWallWasWrong_AgedByTheTimeThatPassed(int days)
    {
        FakeMachine machine = new();
        machine.Step(TimeSpan.FromDays(days));
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), before: static g => Backlogs.Connect(g, "tele/#"), machine: machine);
        long shownMs = machine.Time.GetUtcNow().ToUnixTimeMilliseconds();
        _ = await (await gateway.ConnectAsync("p")).PublishAsync("tele/x", "m", QoS.AtLeastOnce);
        MemoryStorage disk = await gateway.CrashAsync();
        machine.SetRight();
        machine.Time.Advance(TimeSpan.FromSeconds(40));
        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(disk, before: static g => Backlogs.Connect(g, "tele/#"), machine: machine);

        (long nowMs, Message message) = restarted.Look(b => (b.Turn.NowMs, b.Upstreams.Backlogs.Values.Single().All().Single().Message));
        Assert.AreEqual(40_000, nowMs - message.AcceptedMs);
        // What upstreams are told is what the wall showed then; of a clock that was not set at all, what it shows now says more.
        long toldMs = RelayProperties.AcceptedAt(message, nowMs, restarted.Broker.Clock).ToUnixTimeMilliseconds();
        Assert.AreEqual(days == -3650 ? machine.Time.GetUtcNow().ToUnixTimeMilliseconds() - 40_000 : shownMs, toldMs);
    }
}
