using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>
/// Answers over a restart: a device that is back before the application that has asked. Whether the application may be answered is known from
/// the disk; before, its answer was acknowledged and dropped as if one device commanded another.
/// </summary>
[TestClass]
public sealed class AnswerTests
{
    private const string Answer = """{"id":"k7","st":"ok","code":0}""";

    [TestMethod]
    [DataRow(false, false, DisplayName = "from the journal")]
    [DataRow(true, false, DisplayName = "from a snapshot")]
    [DataRow(false, true, DisplayName = "with a Session")]
    public async Task GatewayKilled_DeviceIsBackBeforeTheApplication_AnswerWaitsForIt(bool snapshot, bool hasSession)
    {
        MemoryStorage left = await KilledAsync(ClientRole.Operator, snapshot, hasSession);

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(left, access: new Roles { OfApp = ClientRole.Operator });
        TestClient device = await restarted.ConnectAsync("dev");
        await device.PublishAsync("dm/p2p/app", Answer, QoS.AtLeastOnce);
        TestClient application = await restarted.ConnectAsync("app");

        Assert.AreEqual(Answer, (await application.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    [DataRow(ClientRole.Device, DisplayName = "as before")]
    [DataRow(ClientRole.Operator, DisplayName = "of late")]
    public async Task GatewayKilled_OtherDeviceIsNotBack_StillNotToBeCommandedByADevice(ClientRole before)
    {
        MemoryStorage left = await KilledAsync(before);

        await using BrokerOnDisk restarted = BrokerOnDisk.StartOn(left, access: new Roles { OfApp = ClientRole.Device });
        TestClient device = await restarted.ConnectAsync("dev");
        await device.PublishAsync("dm/p2p/app", Answer, QoS.AtLeastOnce);

        Assert.AreEqual(1, restarted.Counters.Dropped(DropReason.P2PNotAllowed));
    }

    private static async Task<MemoryStorage> KilledAsync(ClientRole ofApp, bool snapshot = false, bool hasSession = false)
    {
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), access: new Roles { OfApp = ofApp }, snapshotSteps: snapshot ? 100 : null);
        TestClient device = await gateway.ConnectAsync("dev");
        _ = hasSession ? await gateway.ConnectDurableAsync("app") : await gateway.ConnectAsync("app");
        await device.PublishAsync("x", "y", QoS.AtLeastOnce, retain: true); // commits
        gateway.Advance(1);
        if (snapshot)
            await Patience.Until(() => gateway.State.Status!.Value.Snapshots > 0, "a snapshot");
        return await gateway.CrashAsync();
    }

    // As the rules are now: what a client was let in as before does not count.
    private sealed class Roles : IAccessRules
    {
        public required ClientRole OfApp { get; init; }

        public Admission Admit(ConnectPacket connect, EndPoint? remote) => Recall(connect.ClientId, connect.UserName, ClientRole.Device);

        public Admission Recall(string clientId, string? userName, ClientRole role) => new(clientId == "app" ? OfApp : ClientRole.Device);
    }
}
