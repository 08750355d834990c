using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Rights;

/// <summary>Classes of faults that brokers have had and that need no rights to be shown; the others are in DeviceMqtt.Gateway.Tests.</summary>
[TestClass]
internal sealed class KnownBugClassTests
{
    // A length that is declared is memory that is taken.
    [TestMethod]
    [DoNotParallelize] // the figure is of the process
    public async Task MemoryByRemainingLength_A256MiBPublishThatNeverComes_ClosedFromItsHeader()
    {
        await using TestBroker broker = TestBroker.Start();
        TestClient client = await broker.ConnectAsync("client");
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await client.SendAsync([0x30, 0xFF, 0xFF, 0xFF, 0x7F]);
        await client.ExpectCloseAsync(CloseReason.PacketTooLarge);
        Assert.IsLessThan(16L * 1024 * 1024, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    // A subscriber that never acknowledges uses the identifiers up.
    [TestMethod]
    public async Task PacketIdentifierExhaustion_ClientThatNeverAcknowledges_TheWindowEndsItAndOthersGoOn()
    {
        await using TestBroker broker = TestBroker.Start(static l => l.InflightMax = 50);
        TestClient silent = await broker.ConnectAsync("silent");
        await silent.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient honest = await broker.ConnectAsync("honest");
        await honest.SubscribeAsync("other", QoS.AtLeastOnce);
        TestClient publisher = await broker.ConnectAsync("publisher");
        for (int i = 0; i < 200; i++)
            await publisher.PublishAsync("t", "x", QoS.AtLeastOnce);
        await publisher.PublishAsync("other", "y", QoS.AtLeastOnce);
        Assert.AreEqual("y", (await honest.ReceivePublishAndAckAsync()).Payload);
        Assert.AreEqual(50, broker.Look(static b => b.Sessions.Find("silent")!.InflightCount));
        Assert.AreEqual(150, broker.Look(static b => b.Sessions.Find("silent")!.Queue.Count));
    }

    // One connection that fails takes the loop that serves all with it.
    [TestMethod]
    public async Task SharedLoopEndedByOneClient_MalformedAndResetOnes_AllOthersAreServed()
    {
        await using TestBroker broker = TestBroker.Start();
        TestClient honest = await broker.ConnectAsync("honest");
        await honest.SubscribeAsync("t");
        for (int i = 0; i < 100; i++)
        {
            TestClient bad = i % 2 == 0 ? await broker.ConnectAsync($"bad{i}") : broker.Open();
            await bad.SendAsync(i % 3 == 0 ? [0xFF, 0xFF, 0xFF, 0xFF, 0xFF] : [0x32, 0x02, 0x00, 0x09]);
            await (i % 5 == 0 ? bad.ResetAsync() : bad.WaitForEndAsync());
        }

        await (await broker.ConnectAsync("publisher")).PublishAsync("t", "still here");
        Assert.AreEqual("still here", (await honest.ReceivePublishAsync()).Payload);
    }

    // Every topic that is ever named stays.
    [TestMethod]
    public async Task TopicExplosion_EachMessageOnATopicOfItsOwn_WhatIsRememberedIsBounded()
    {
        await using TestBroker broker = TestBroker.Start(static l => (l.RouteCacheMax, l.RetainedMessagesMax) = (100, 100));
        TestClient client = await broker.ConnectAsync("client");
        for (int i = 0; i < 1000; i++)
            await client.PublishAsync($"a/{i}/b", "x", retain: true);
        await client.ExpectNothingAsync();
        Assert.IsLessThanOrEqualTo(100, broker.Look(static b => b.Routes.Count));
        Assert.AreEqual(100, broker.Look(static b => b.Retained.Count));
        Assert.AreEqual(900, broker.Counters.Dropped(DropReason.RetainedFull));
    }
}
