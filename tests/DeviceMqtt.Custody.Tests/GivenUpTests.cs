using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// A QoS 2 message was sent, and is not to be delivered any more. Its client may have the Packet Identifier open: it would take the next message under it
/// for a repetition, and swallow it. So PUBREL comes first, after restarts too.
/// </summary>
[TestClass]
internal sealed class GivenUpTests
{
    private const string Command = """{"id":"1","cmd":"relay.set","from":"app","ttl":100}""";

    private static async Task<BrokerOnDisk> RestartAsync(BrokerOnDisk gateway, FakeMachine machine, int? snapshotSteps)
    {
        await (await gateway.ConnectAsync("last")).PublishAsync("r", "is on the disk", QoS.AtLeastOnce, retain: true);
        return BrokerOnDisk.StartOn(await gateway.CrashAsync(), machine: machine, snapshotSteps: snapshotSteps);
    }

    private static Task<TestClient> ConnectAsync(BrokerOnDisk gateway, uint packetBytesMax = 0) => gateway.ConnectAsync(
        "dev", ProtocolVersion.V5, clean: false, properties: new ConnectProperties { SessionExpirySeconds = 3600, MaximumPacketSize = packetBytesMax == 0 ? null : packetBytesMax });

    [TestMethod]
    [DataRow("expires while the client is away", null)]
    [DataRow("expires while the client is away", 1)]
    [DataRow("is too large on the next connection", null)]
    [DataRow("is too large on the next connection", 1)]
    public async Task Message_GivenUpAndGatewayStartsAgain_PubRelIsSentBeforeItsIdentifierIsUsed(string why, int? snapshotSteps)
    {
        FakeMachine machine = new();
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), machine: machine, snapshotSteps: snapshotSteps);
        TestClient client = await ConnectAsync(gateway);
        await client.SubscribeAsync("t/+", QoS.ExactlyOnce);
        TestClient app = await gateway.ConnectAsync("app");
        bool isCommand = why.StartsWith("expires", StringComparison.Ordinal);
        await app.PublishAsync(isCommand ? "dm/p2p/dev" : "t/1", isCommand ? Command : new string('x', 500), QoS.ExactlyOnce);
        ushort packetId = (await client.ReceivePublishAsync()).PacketId;
        await client.ResetAsync(); // it has the message; PUBREC is lost
        if (isCommand)
        {
            gateway.Advance(101);
        }
        else
        {
            TestClient small = await ConnectAsync(gateway, packetBytesMax: 200);
            await small.ExpectAckAsync(PacketType.PubRel, packetId);
            await small.ResetAsync(); // and does not see it
        }

        Assert.AreEqual(1, gateway.Counters.Dropped(isCommand ? DropReason.Expired : DropReason.LargerThanClientAccepts));
        for (int start = 0; start < 3; start++)
        {
            gateway.Advance(1);
            gateway = await RestartAsync(gateway, machine, snapshotSteps);
        }

        gateway.AssertLedgerBalances();
        TestClient again = await ConnectAsync(gateway);
        app = await gateway.ConnectAsync("app");
        await app.PublishAsync("t/2", "new", QoS.ExactlyOnce);
        Assert.AreEqual(ReasonCode.Success, await again.ExpectAckAsync(PacketType.PubRel, packetId));
        ReceivedPublish next = await again.ReceivePublishAsync();
        Assert.AreEqual("new", next.Payload);
        Assert.AreNotEqual(packetId, next.PacketId, "the client has it open");
        await again.AcknowledgeAsync(QoS.ExactlyOnce, next.PacketId);
        await again.SendAckAsync(PacketType.PubComp, packetId);
        await again.ExpectNothingAsync();

        gateway = await RestartAsync(gateway, machine, snapshotSteps);
        TestClient last = await ConnectAsync(gateway);
        await last.ExpectNothingAsync();
        gateway.AssertLedgerBalances();
        Assert.AreEqual(0, gateway.Look(static b => b.Kept().Ledger[LedgerClass.Session].Pending + b.Kept().Ledger[LedgerClass.Mailbox].Pending));
        await gateway.DisposeAsync();
    }
}
