using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Flows;

/// <summary>The names of reasons stand in logs, counters and dashboards: one that changes or is never used is noticed here.</summary>
[TestClass]
internal sealed class ReasonTests
{
    [TestMethod]
    public void CloseReason_Names_AreFrozen() => AssertBeginsWith<CloseReason>(
        "None ClientDisconnected ClientDisconnectedWithWill ClientGone KeepAliveTimeout ConnectTimeout OutputStalled SessionTakenOver MalformedPacket "
        + "ProtocolError PacketTooLarge TopicNameInvalid ClientIdRejected UnsupportedProtocolVersion NotAuthorized BadAuthenticationMethod QuotaExceeded "
        + "ReceiveMaximumExceeded ServerShuttingDown InternalError");

    [TestMethod]
    public void DropReason_Names_AreFrozen() => AssertBeginsWith<DropReason>(
        "SlowSubscriber SessionQueueFull AllQueuesFull Expired LargerThanClientAccepts SessionEnded RetainedFull P2PTargetAbsent P2PTargetUnknown MailboxFull "
        + "ReservedTopic RelayFull UpstreamAway NotAskedFor JournalFull Damaged LargerThanUpstreamAccepts UpstreamRefused CameBack P2PNotAllowed "
        + "LargerThanGatewayAccepts NotAllowed AsideFull TopicNotForUpstream DroppedByOperator ClientRefused");

    [TestMethod]
    public void DropReason_Values_CountUpInTheOrderOfTheirNames() =>
        CollectionAssert.AreEqual(Enumerable.Range(0, Enum.GetValues<DropReason>().Length).ToArray(), Enum.GetValues<DropReason>().Select(r => (int)r).ToArray());

    // New ones are appended.
    private static void AssertBeginsWith<T>(string names) where T : struct, Enum =>
        Assert.AreEqual(names, string.Join(' ', Enum.GetNames<T>().Take(names.Split(' ').Length)));

    [TestMethod]
    public async Task CloseReason_InternalError_ClosesOneConnectionAndNothingElse()
    {
        TestGateway gateway = TestGateway.Start();
        TestClient other = await gateway.ConnectAsync("other");
        TestClient client = await gateway.ConnectAsync("client");
        // A fault that no packet can cause: the relay breaks its promise not to throw.
        gateway.Look(b =>
        {
            b.ConnectUpstream(new BrokenTap());
            return true;
        });
        await client.SendPublishAsync("relayed", "x");
        await client.WaitForEndAsync();
        Assert.AreEqual(CloseReason.InternalError, client.CloseReason);
        await other.ExpectNothingAsync();
        Assert.AreEqual(1, gateway.Counters.Closed(CloseReason.InternalError));
        Assert.IsTrue(gateway.Log.Lines.Any(l => l.StartsWith("Error 104", StringComparison.Ordinal)));
        gateway.Stop();
        await other.WaitForEndAsync();
    }

    private sealed class BrokenTap : IUpstream
    {
        public bool Wants(string topic) => topic == "relayed";

        public ReadOnlySpan<byte> Via => [];

        public bool WasHere(ReadOnlySpan<byte> properties, string publisher) => false;

        public void Keep(Message message, List<KeptForUpstream> kept)
        {
        }

        public void Queue(in KeptForUpstream kept)
        {
        }

        public bool Offer(Message message, List<ISlowReader> holdingBack, in OwedReceipt owed = default) => throw new InvalidOperationException("a fault of the gateway, made by a test");

        public void ClientForgotten(string clientId)
        {
        }

        public void ClientCame(string clientId, WillMessage? will)
        {
        }

        public void ClientLeft(string clientId)
        {
        }

        public void ClientKnown(string clientId)
        {
        }
    }
}
