using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Rights;

/// <summary>A Session belongs to the user that began it: nobody else resumes it, takes over from it or ends it.</summary>
[TestClass]
internal sealed class SessionOwnerTests
{
    [TestMethod]
    [DataRow(ProtocolVersion.V311, false, (byte)ConnectReturnCode.NotAuthorized)]
    [DataRow(ProtocolVersion.V311, true, (byte)ConnectReturnCode.NotAuthorized)]
    [DataRow(ProtocolVersion.V5, true, (byte)ReasonCode.NotAuthorized)]
    public async Task CONNECT_AnotherUserWithTheIdentifier_RefusedAndTheSessionGoesOn(ProtocolVersion version, bool isClean, byte code)
    {
        await using TestBroker broker = Start(out _);
        TestClient ann = await ConnectAsync(broker, "ann", isClean: false);
        await ann.SubscribeAsync("t", QoS.AtLeastOnce);
        TestClient thief = broker.Open(version);
        Assert.AreEqual(code, (await thief.ConnectAsync("c", isClean, userName: "bob")).Code);
        await thief.ExpectCloseAsync(CloseReason.NotAuthorized);
        Assert.IsTrue(broker.Log.Lines.Any(l => l.Contains("user 'ann' has its Session, and this is user 'bob'", StringComparison.Ordinal)), "the log says who");

        await ann.DropAsync();
        await (await broker.ConnectAsync("other")).PublishAsync("t", "for ann", QoS.AtLeastOnce);
        TestClient again = broker.Open(version);
        Assert.AreEqual(code, (await again.ConnectAsync("c", isClean, userName: "bob")).Code, "nor while she is away");
        Assert.AreEqual("for ann", (await (await ConnectAsync(broker, "ann", isClean: false)).ReceivePublishAndAckAsync()).Payload);
    }

    [TestMethod]
    public async Task CONNECT_WithoutAUser_DoesNotGetTheSessionOfOne()
    {
        await using TestBroker broker = Start(out _);
        await ConnectAsync(broker, "ann", isClean: false);
        TestClient nobody = broker.Open();
        Assert.AreEqual((byte)ConnectReturnCode.NotAuthorized, (await nobody.ConnectAsync("c", clean: false)).Code);
    }

    [TestMethod]
    public async Task CONNECT_AUserWhereTheSessionWasWithoutOne_GoesOnWithIt()
    {
        await using TestBroker broker = Start(out _);
        TestClient nobody = broker.Open();
        await nobody.ConnectAsync("c", clean: false);
        await nobody.DropAsync();
        TestClient ann = broker.Open();
        Assert.IsTrue((await ann.ConnectAsync("c", clean: false, userName: "ann")).SessionPresent, "users were made after the boards were there");
    }

    [TestMethod]
    public async Task CONNECT_TheUserWhoseIdentifierItIs_EndsTheSessionOfTheOtherAndGetsNothingOfIt()
    {
        await using TestBroker broker = Start(out UserRules rules);
        TestClient squatter = await ConnectAsync(broker, "bob", isClean: false);
        await squatter.SubscribeAsync("t", QoS.AtLeastOnce);
        await squatter.DropAsync();
        await (await broker.ConnectAsync("other")).PublishAsync("t", "for bob", QoS.AtLeastOnce);

        rules.Owners.Add("ann");
        TestClient ann = broker.Open();
        ConnAckPacket connAck = await ann.ConnectAsync("c", clean: false, userName: "ann");

        Assert.AreEqual((0, false), (connAck.Code, connAck.SessionPresent));
        await ann.ExpectNothingAsync();
        Assert.AreEqual(0, broker.Look(b => b.Tree.Count));
        Assert.AreEqual(1, broker.Counters.Dropped(DropReason.SessionEnded));
    }

    private static TestBroker Start(out UserRules rules)
    {
        UserRules made = rules = new() { Users = { ["ann"] = ClientRole.Device, ["bob"] = ClientRole.Device } };
        return TestBroker.Start(limits: null, ground => ground.Access = made);
    }

    private static async Task<TestClient> ConnectAsync(TestBroker broker, string user, bool isClean)
    {
        TestClient client = broker.Open();
        Assert.AreEqual(0, (await client.ConnectAsync("c", isClean, userName: user)).Code);
        return client;
    }
}
