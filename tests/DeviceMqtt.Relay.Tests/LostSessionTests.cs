using System.IO.Pipelines;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>An upstream that has lost its Session: its Packet Identifiers begin anew.</summary>
[TestClass]
public sealed class LostSessionTests
{
    // What it sends next may come under one that was open. A start that believes it open still would take that, with DUP, for a message that was here.
    [TestMethod]
    [DataRow(false, true), DataRow(true, false)]
    public async Task CONNACK_QoS2IdentifierWasOpen_NothingLeavesBeforeItIsClosedOnTheDisk(bool sessionPresent, bool isHeld)
    {
        SlowCustody custody = null!;
        await using TestBroker gateway = TestBroker.Start(limits: null, ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn));
        RelaySession session = Backlogs.SessionOf(gateway);
        gateway.Broker.Upstreams.Inbound[session.Name][5] = null;
        (ConnectionOutput output, Pipe pipe) = Backlogs.OutputOf(gateway);

        using (gateway.Broker.Turn.Enter())
            session.Attach(output, new UplinkTerms(UpstreamAddress.Parse("mqtt://a:1883"), ProtocolVersion.V311, sessionPresent));

        Assert.AreEqual(isHeld, custody.Calls.Contains($"close {session.Name} 5"));
        Assert.AreEqual(!isHeld, pipe.Reader.TryRead(out ReadResult _), "the presence of the gateway, which comes first");
        if (!isHeld)
            return;
        custody.Catch();
        Assert.IsTrue(pipe.Reader.TryRead(out ReadResult _));
    }

    // The connection that closed it has broken before the disk had it: the next one waits for that, too.
    [TestMethod]
    public async Task CONNACK_SessionPresentWhileTheDiskIsStillAtWhatWasClosedBefore_NothingLeavesBeforeIt()
    {
        SlowCustody custody = null!;
        await using TestBroker gateway = TestBroker.Start(limits: null, ground => ground.Custody = custody = new SlowCustody(ground.Counters, ground.Turn));
        RelaySession session = Backlogs.SessionOf(gateway);
        gateway.Broker.Upstreams.Inbound[session.Name][5] = null;
        (ConnectionOutput first, Pipe _) = Backlogs.OutputOf(gateway);
        (ConnectionOutput second, Pipe pipe) = Backlogs.OutputOf(gateway);

        using (gateway.Broker.Turn.Enter())
        {
            session.Attach(first, new UplinkTerms(UpstreamAddress.Parse("mqtt://a:1883"), ProtocolVersion.V311, SessionPresent: false));
            session.Detach(new UplinkEnd(UplinkEndReason.ConnectionLost, ""), heardMs: 0);
            session.Attach(second, new UplinkTerms(UpstreamAddress.Parse("mqtt://a:1883"), ProtocolVersion.V311, SessionPresent: true));
        }

        Assert.IsFalse(pipe.Reader.TryRead(out ReadResult _), "the presence of the gateway, which comes first");
        custody.Catch();
        Assert.IsTrue(pipe.Reader.TryRead(out ReadResult _));
    }
}
