using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>Whose a Session and a Will are outlives the process, in the journal and in its snapshot.</summary>
[TestClass]
internal sealed class OwnerRestartTests
{
    [TestMethod]
    [DataRow(false), DataRow(true)]
    public async Task Session_AfterARestart_IsStillItsUsers(bool hasSnapshot)
    {
        BrokerOnDisk first = BrokerOnDisk.StartOn(new MemoryStorage(), l => l.JournalBytesMax = 32 * 1024 * 1024, access: new Users { MayPublish = true });
        TestClient ann = first.Open();
        await ann.ConnectAsync("c", clean: false, userName: "ann");
        await ann.DropAsync();
        if (hasSnapshot)
            await MakeSnapshotAsync(first);

        await using BrokerOnDisk second = BrokerOnDisk.StartOn(await first.CrashAsync(), access: new Users());
        Assert.AreEqual("ann", second.Look(b => b.Sessions.Find("c")!.UserName));
        Assert.AreEqual((byte)ConnectReturnCode.NotAuthorized, (await second.Open().ConnectAsync("c", clean: false, userName: "bob")).Code);
        Assert.IsTrue((await second.Open().ConnectAsync("c", clean: false, userName: "ann")).SessionPresent);
    }

    [TestMethod]
    [DataRow("ann", 1), DataRow("gone", 0)]
    public async Task Will_PublishedAfterARestart_OnlyWhereItsUserStillMay(string user, int published)
    {
        Users rules = new() { MayPublish = true };
        BrokerOnDisk first = BrokerOnDisk.StartOn(new MemoryStorage(), access: rules);
        await first.Open().ConnectAsync("c", will: new WillMessage { Topic = "state/c", Payload = "off"u8.ToArray(), QoS = QoS.AtLeastOnce, Retain = true, Properties = new WillProperties() }, userName: user);
        await (await first.ConnectAsync("other")).PublishAsync("x", "on the disk before its acknowledgement, as all before it", QoS.AtLeastOnce, retain: true);
        await using BrokerOnDisk second = BrokerOnDisk.StartOn(await first.CrashAsync(), access: new Users());
        Assert.AreEqual(1 + published, second.Look(b => b.Retained.Count));
        Assert.AreEqual(1 - published, second.Counters.Dropped(DropReason.NotAllowed));
    }

    private static async Task MakeSnapshotAsync(BrokerOnDisk broker)
    {
        TestClient publisher = await broker.ConnectAsync("p");
        string padding = new('x', 20_000);
        for (int i = 0; i < 1000; i++)
            await publisher.PublishAsync("retained", $"{i}{padding}", QoS.AtLeastOnce, retain: true);
        broker.Advance(1);
        await Patience.Until(() => broker.State.Status!.Value.Snapshots > 0, "a snapshot");
    }

    private sealed class Users : IAccessRules
    {
        /// <summary>Whoever it is.</summary>
        public bool MayPublish { get; init; }

        public Admission Admit(ConnectPacket connect, EndPoint? remote) => Recall(connect.ClientId, connect.UserName, ClientRole.Device);

        public Admission Recall(string clientId, string? userName, ClientRole role) =>
            new(role) { UserName = userName, Rights = new TestRights { Publish = _ => MayPublish || userName == "ann" } };
    }
}
