using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>Rules that answer a CONNECT later (<see cref="Admission.Later"/>): it waits, and all others go on.</summary>
[TestClass]
internal sealed class LaterAdmissionTests
{
    [TestMethod]
    public async Task CONNECT_AnsweredLater_OthersAreServedMeanwhileAndThenItIsAccepted()
    {
        SlowRules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient other = await broker.ConnectAsync("other");
        TestClient slow = broker.Open();
        await slow.SendAsync(w =>
        {
            new ConnectPacket { ClientId = "slow" }.Write(w);
            PingPackets.PingReq.CopyTo(w.GetSpan(2));
            w.Advance(2);
        });
        await other.ExpectNothingAsync();
        Assert.IsNull(slow.TryReceiveNow());
        Assert.AreEqual(1, broker.Look(b => b.Sessions.Count));

        rules.Answers["slow"].SetResult(new Admission(ClientRole.Device));

        Assert.AreEqual(0, (await slow.ReceiveConnAckAsync()).Code);
        Assert.AreEqual(PacketType.PingResp, (await slow.ReceiveAsync()).Type);
        Assert.AreEqual(ClientRole.Device, broker.Look(b => b.Sessions.Find("slow")!.Role));
    }

    [TestMethod]
    public async Task CONNECT_RefusedLater_ToldAndLogged()
    {
        SlowRules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient slow = broker.Open(ProtocolVersion.V5);
        await slow.SendConnectAsync("slow");
        rules.Answers["slow"].SetResult(new Admission(ClientRole.Device, "no") { LogOnly = "user 'x': wrong password" });
        ConnAckPacket connAck = await slow.ReceiveConnAckAsync();
        Assert.AreEqual((byte)ReasonCode.NotAuthorized, connAck.Code);
        Assert.AreEqual("no", connAck.Properties!.ReasonString);
        await slow.ExpectCloseAsync(CloseReason.NotAuthorized);
        Assert.IsTrue(broker.Log.Lines.Any(l => l.EndsWith("NotAuthorized: user 'x': wrong password", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task CONNECT_ItsUserChangedWhileItWaited_HasToComeAgain()
    {
        SlowRules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient slow = broker.Open(ProtocolVersion.V5);
        await slow.SendConnectAsync("slow");
        rules.Answers["slow"].SetResult(new Admission(ClientRole.Device) { Rights = new TestRights { Current = static () => false } });
        Assert.AreEqual((byte)ReasonCode.ServerBusy, (await slow.ReceiveConnAckAsync()).Code);
    }

    [TestMethod]
    [DataRow(ProtocolVersion.V311, (byte)ConnectReturnCode.ServerUnavailable)]
    [DataRow(ProtocolVersion.V5, (byte)ReasonCode.ServerBusy)]
    public async Task CONNECT_RefusedForNow_ToldThatTheServerIsBusy(ProtocolVersion version, byte code)
    {
        SlowRules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient slow = broker.Open(version);
        await slow.SendConnectAsync("slow");
        rules.Answers["slow"].SetResult(new Admission(ClientRole.Device, "busy") { IsForNow = true });
        Assert.AreEqual(code, (await slow.ReceiveConnAckAsync()).Code);
        await slow.ExpectCloseAsync(CloseReason.QuotaExceeded);
    }

    [TestMethod]
    public async Task CONNECT_NotAnsweredInTime_ClosedAsTimeout()
    {
        SlowRules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient slow = broker.Open();
        await slow.SendConnectAsync("slow");
        broker.Advance(11);
        await slow.ExpectCloseAsync(CloseReason.ConnectTimeout);
        rules.Answers["slow"].SetResult(new Admission(ClientRole.Device)); // too late, and no harm
        _ = await broker.ConnectAsync("other");
    }

    [TestMethod]
    public async Task CONNECT_AnsweredAfterANewerOneWithItsIdentifier_TheNewerStays()
    {
        SlowRules rules = new();
        await using TestBroker broker = Start(rules);
        TestClient older = broker.Open();
        await older.SendConnectAsync("slow");
        TaskCompletionSource<Admission> ofOlder = rules.Answers["slow"];
        TestClient newer = broker.Open();
        await newer.SendConnectAsync("slow");
        rules.Answers["slow"].SetResult(new Admission(ClientRole.Device));
        Assert.AreEqual(0, (await newer.ReceiveConnAckAsync()).Code);

        ofOlder.SetResult(new Admission(ClientRole.Device));

        await older.ExpectCloseAsync(CloseReason.SessionTakenOver);
        await newer.ExpectNothingAsync();
    }

    [TestMethod]
    public async Task CONNECT_MorePacketsWaitThanMay_RefusedForNow()
    {
        SlowRules rules = new();
        await using TestBroker broker = TestBroker.Start(static limits => limits.MemoryBytesMax = 64 * 1024 * 1024, ground => ground.Access = rules);
        WillMessage will = new() { Topic = "t", Payload = new byte[60_000], QoS = QoS.AtMostOnce };
        TestClient next = broker.Open();
        int waiting = 0;
        for (; waiting < 100; waiting++)
        {
            await next.SendConnectAsync($"slow-{waiting}", will: will);
            if (next.TryReceiveNow() is not null)
                break;
            next = broker.Open();
        }

        Assert.IsGreaterThan(10, waiting, "a quarter of 16 MB, at three times 60 KB");
        Assert.IsLessThan(30, waiting);
        await next.WaitForEndAsync();
        Assert.AreEqual(CloseReason.QuotaExceeded, next.CloseReason);
        rules.Answers["slow-0"].SetResult(new Admission(ClientRole.Device, "no"));
        await Patience.Until(() => broker.Counters.Closed(CloseReason.NotAuthorized) == 1, "the answer");
        TestClient fits = broker.Open();
        await fits.SendConnectAsync("slow-fits", will: will);
        rules.Answers["slow-fits"].SetResult(new Admission(ClientRole.Device));
        Assert.AreEqual(0, (await fits.ReceiveConnAckAsync()).Code);
    }

    private static TestBroker Start(IAccessRules rules) => TestBroker.Start(null, ground => ground.Access = rules);

    /// <summary>Answers whoever is called slow when the test says so.</summary>
    private sealed class SlowRules : IAccessRules
    {
        public Dictionary<string, TaskCompletionSource<Admission>> Answers { get; } = [];

        public Admission Admit(ConnectPacket connect, EndPoint? remote)
        {
            if (!connect.ClientId.StartsWith("slow", StringComparison.Ordinal))
                return new Admission(ClientRole.Operator);
            Answers[connect.ClientId] = new TaskCompletionSource<Admission>();
            return new Admission(ClientRole.Device) { Later = Answers[connect.ClientId].Task };
        }
    }
}
