using System.IO.Pipelines;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Tests.Ports;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;
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
        RelayOptions options = new() { ClientId = "gw" };
        RelaySession session = new(gateway.Broker, options, new UpstreamDialect(options, gateway.Broker.Clock), new RelayWorld(gateway.Time), new RelayLines());
        gateway.Broker.Upstreams.Inbound[session.Name][5] = null;
        Pipe pipe = new();
        ConnectionOutput output = new(pipe.Writer, gateway.Broker.Turn, gateway.Broker.Counters.Upstream, gateway.Broker.Limits.OutputBytesMax, gateway.Broker.Owners.Nobody[Good.Memory])
        {
            Faulted = static (_, fault) => throw new InvalidOperationException("a flush has failed", fault),
        };

        using (gateway.Broker.Turn.Enter())
            session.Attach(output, new UplinkTerms(UpstreamAddress.Parse("mqtt://a:1883"), ProtocolVersion.V311, sessionPresent));

        Assert.AreEqual(isHeld, custody.Calls.Contains($"close {session.Name} 5"));
        Assert.AreEqual(!isHeld, pipe.Reader.TryRead(out ReadResult _), "the presence of the gateway, which comes first");
        if (!isHeld)
            return;
        custody.Catch();
        Assert.IsTrue(pipe.Reader.TryRead(out ReadResult _));
    }
}
