using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Sending;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A fault of the gateway in what goes to an upstream over many turns: the link is made anew, and what was at hand is not lost. The clients notice nothing.</summary>
[TestClass]
internal sealed class RelayFaultTests
{
    private SlowCustody _custody = null!;
    private Func<string, bool> _isBad = static _ => false;
    private int _faults;

    private Task<TestRelay> StartAsync(int maxQoS) => TestRelay.StartAsync(
        o => o.Rules = [new() { Filter = "t/#", MaxQoS = maxQoS }],
        ports: ground =>
        {
            _custody = SlowCustody.OnDisk(ground);
            ground.Custody = Faulty<ICustody>.InFrontOf(_custody, (method, _) => _isBad(method) && _faults++ == 0);
            ground.Counters.Trace = new BrokenTrace(() => _isBad(nameof(IMessageTrace.Handed)) && _faults++ == 0);
        });

    // At QoS 1 it is in flight when the fault comes, at QoS 0 nowhere.
    [TestMethod]
    [DataRow(1, nameof(ICustody.Sent)), DataRow(1, nameof(IMessageTrace.Handed)), DataRow(0, nameof(IMessageTrace.Handed))]
    public async Task Backlog_FailsInAJob_TheLinkIsMadeAnewAndAllOfItArrives(int maxQoS, string call)
    {
        await using TestRelay relay = await StartAsync(maxQoS);
        relay.Gateway.ExpectsFaults = true;
        UpstreamPeer peer = await relay.Upstream.AcceptMqttAsync();
        await peer.ReceivePresenceAsync();
        await relay.WhenIdleAsync();
        _custody.IsBehind = true;
        await relay.PublishAsync("t/1", "1", "2");
        await Patience.Until(() => relay.Gateway.Look(static b => b.Turn.Jobs.Resting) > 0, "the relay that rests");
        _isBad = method => method == call;
        _custody.IsBehind = false;
        _custody.Catch();

        UpstreamPeer next = await relay.Upstream.AcceptMqttAsync(sessionPresent: true);
        Assert.AreEqual(UplinkEndReason.InternalError, relay.Uplink.Status.LastEnd.Reason);
        HashSet<string> arrived = [];
        while (arrived.Count < 2)
        {
            ReceivedPublish publish = await next.ReceivePublishAsync();
            if (publish.QoS == QoS.AtLeastOnce)
                await next.SendAckAsync(PacketType.PubAck, publish.PacketId);
            if (publish.Topic == "t/1")
                _ = arrived.Add(publish.Payload);
        }

        await relay.WhenIdleAsync();
        Assert.AreEqual((1L, 0), (relay.Gateway.Counters.JobFaults, relay.Look(static s => s.Buffer.Count)));
        await relay.PublishAsync("elsewhere", "the clients are served");
    }

    [TestMethod]
    public void RoomInABacklog_FailsForOne_TheOthersMakeRoomAndTheCountIsRight()
    {
        FakeTime time = new();
        Turn turn = new(time);
        Queue<Jobs> soon = new();
        turn.Jobs.RunSoon = soon.Enqueue;
        List<int> pauses = [];
        turn.Jobs.Faulted = (_, _, _, pauseMs) => pauses.Add(pauseMs);
        BrokerCounters counters = new(_ =>
        {
            if (_isBad("drop") && _faults++ == 0)
                throw new InvalidOperationException("a fault of the gateway, made by a test");
        });
        int each = Messages.Of("t", "0000").Bytes;
        Account memory = new(long.MaxValue);
        RelayBuffer buffer = new(new GatewayLimits { RelayBytesMax = each * 4_000 }, Make.Custody(counters), memory, "upstream", Messages.AnyTopics, turn, static _ => false);
        for (int i = 0; i < 4_000; i++)
            _ = buffer.Add(Messages.Of("t", $"{i:0000}"));
        time.LookMs = 1;
        using (turn.Enter())
            _ = buffer.Add(Messages.Of("t", new string('x', each * 3_000)));
        _isBad = static call => call == "drop";
        Run();
        CollectionAssert.AreEqual(new[] { 1_000 }, pauses);
        time.LookMs = 0;
        time.Advance(TimeSpan.FromSeconds(1));
        Run();
        Assert.IsLessThanOrEqualTo(each * 4_000L, buffer.Bytes);
        Assert.AreEqual(4_001, buffer.Waiting + counters.Dropped(DropReason.RelayFull));
        while (buffer.TryTake(nowMs: 0, out Message? message))
            buffer.Release(message!);
        Assert.AreEqual((0L, 0L, 0), (buffer.Bytes, memory.Used, turn.Jobs.Count));

        void Run()
        {
            while (soon.TryDequeue(out Jobs? jobs))
                jobs.Execute();
        }
    }

    /// <summary>Fails when it is told that a message has left.</summary>
    private sealed class BrokenTrace(Func<bool> isBad) : IMessageTrace
    {
        public uint Accepted(in Publication publication) => 1;

        public uint Found() => 0;

        public void Handed(uint number, long entry, in DropOwner owner, DeliveryResult result, QoS qos, ushort packetId)
        {
            if (isBad())
                throw new InvalidOperationException("a fault of the gateway, made by a test");
        }

        public void Answered(uint number, Kept kept, ReasonCode code)
        {
        }

        public void Held(uint number, long entry, in DropOwner owner, LedgerClass ledgerClass, long position)
        {
        }

        public void Acknowledged(in DropOwner owner, PacketType ack, ushort packetId, bool isError)
        {
        }

        public void FlowEnded(in DropOwner owner)
        {
        }

        public void Settled(uint number, long entry, Outcome outcome)
        {
        }

        public void Dropped(uint number, long entry, in Drop drop)
        {
        }

        public void Durable(long position)
        {
        }

        public void ToldBelow(string gateway, ReadOnlySpan<byte> receipt)
        {
        }
    }
}
