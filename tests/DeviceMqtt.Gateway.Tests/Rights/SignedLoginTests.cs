using System.Net;
using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Rights;

/// <summary>Clients written for Alibaba Cloud's MQTT service, as its documents have them speak: 3.1.1, ids of a group, signatures, P2P without SUBSCRIBE.</summary>
[TestClass]
internal sealed class SignedLoginTests
{
    private const string Secret = "a-secret-of-thirty-characters!";
    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("192.0.2.7"), 40_000);

    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Clients_OfAGroup_ConnectAndSendEachOtherP2P(bool isSha256)
    {
        await using TestGateway gateway = Start();
        TestClient device = await ConnectAsync(gateway, "GID_test@@@0001", isSha256);
        TestClient app = await ConnectAsync(gateway, "GID_test@@@0002", isSha256);
        await device.SubscribeAsync("mytopic/state", QoS.AtLeastOnce);

        await app.PublishAsync("mytopic/p2p/GID_test@@@0001", "open", QoS.AtLeastOnce);
        ReceivedPublish command = await device.ReceivePublishAndAckAsync();
        Assert.AreEqual(("mytopic/p2p/GID_test@@@0001", "open"), (command.Topic, command.Payload));
        await device.PublishAsync("mytopic/p2p/GID_test@@@0002", "opened", QoS.AtLeastOnce);
        Assert.AreEqual("opened", (await app.ReceivePublishAndAckAsync()).Payload);
        await app.PublishAsync("mytopic/state", "on", QoS.AtLeastOnce);
        Assert.AreEqual("on", (await device.ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    [DataRow("Signature|KEY|instance", "GID_test@@@0002", DisplayName = "the signature of another Client Identifier")]
    [DataRow("Signature|OTHER|instance", "GID_test@@@0001", DisplayName = "an access key that nobody has")]
    [DataRow("KEY", "GID_test@@@0001", DisplayName = "the key as a user name")]
    [DataRow("Signature|KEY", "GID_test@@@0001", DisplayName = "without an instance")]
    [DataRow("Signature||instance", "GID_test@@@0001", DisplayName = "without a key")]
    [DataRow("Token|KEY|instance", "GID_test@@@0001", DisplayName = "another mode")]
    public async Task Login_Wrong_Refused(string userName, string signed)
    {
        await using TestGateway gateway = Start();
        TestClient client = gateway.Open(remote: Elsewhere);
        ConnAckPacket connAck = await client.ConnectAsync("GID_test@@@0001", userName: userName, password: Sign(signed, isSha256: false));
        Assert.AreEqual((byte)ConnectReturnCode.NotAuthorized, connAck.Code);
        await client.ExpectCloseAsync(CloseReason.NotAuthorized);
        Assert.IsFalse(gateway.Log.Lines.Any(static l => l.Contains(Secret, StringComparison.Ordinal)));
    }

    private static TestGateway Start() => TestGateway.Start(security: s =>
    {
        s.AccessKeys["KEY"] = Secret;
        s.Rights["cloud"] = new RoleRights { Publish = ["mytopic/#"], Subscribe = ["mytopic/#"], Commands = true };
        s.Roles["KEY"] = "cloud";
    });

    private static async Task<TestClient> ConnectAsync(TestGateway gateway, string clientId, bool isSha256)
    {
        TestClient client = gateway.Open(remote: Elsewhere);
        Assert.AreEqual(0, (await client.ConnectAsync(clientId, userName: "Signature|KEY|mqtt-cn-instance", password: Sign(clientId, isSha256))).Code);
        return client;
    }

    private static string Sign(string clientId, bool isSha256)
    {
        byte[] text = Encoding.UTF8.GetBytes(clientId);
#pragma warning disable CA5350 // as those clients sign
        return Convert.ToBase64String(isSha256 ? HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), text) : HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret), text));
#pragma warning restore CA5350
    }
}
