using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>Whose handshakes may be under way.</summary>
[TestClass]
internal sealed class HandshakeGateTests
{
    // A whole one, as far as the gate looks: one record with a message of one byte.
    private static readonly byte[] Hello = [0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x00];
    private readonly FakeTime _time = new();
    private HandshakeGate _gate = null!;

    [TestInitialize]
    public void Make() => _gate = GateOf(new GatewayLimits { HandshakesMax = 8 });

    // What others had under way counted as connections, and nobody looked whether one of those could go.
    [TestMethod]
    public async Task ConnectionsMax_FewerThanHandshakesMax_OneThatIsSilentGoesForTheNewcomer()
    {
        _gate = GateOf(new GatewayLimits { HandshakesMax = 1_000, ConnectionsMax = 8 });
        Visitor[] silent = [.. Enumerable.Range(1, 12).Select(i => Visit($"192.0.2.{i}"))];
        Assert.AreEqual(8, silent.Count(static visitor => visitor.IsThere));
        Assert.AreEqual(8, _gate.UnderWay);

        Visitor honest = Visit("198.51.100.1");
        await honest.SayHello();
        await Patience.Within(honest.Served, "its handshake");
    }

    [TestMethod]
    [DataRow(7, false, true), DataRow(8, false, false), DataRow(8, true, true)]
    public void ConnectionsMax_ClientsThatAreConnected_StopHandshakesOfMqttAlone(int settled, bool isHttp, bool isThere)
    {
        _gate = GateOf(new GatewayLimits { ConnectionsMax = 8 }, settled);
        Assert.AreEqual(isThere, new Visitor(_gate, EndPointOf("192.0.2.1"), isHttp).IsThere);
    }

    private HandshakeGate GateOf(GatewayLimits limits, int settled = 0) => new(limits, () => settled, _time, new HandshakeLines(new RecordingLog(), _time));

    // All hosts of a house's IPv6 network were one address: a stranger in it with silent connections closed everybody else there.
    [TestMethod]
    [DataRow("fd00::1", "fd00::2")]
    [DataRow("fe80::1%3", "fe80::2%3")]
    [DataRow("192.0.2.1", "192.0.2.2")]
    public async Task Silent_OfOneNeighbour_DoNotStopAnother(string hostile, string honest)
    {
        Visitor[] silent = [.. Enumerable.Range(0, 8).Select(_ => Visit(hostile))];
        Assert.AreEqual(2, silent.Count(static visitor => visitor.IsThere), "a quarter");

        Visitor other = Visit(honest);
        await other.SayHello();
        await Patience.Within(other.Served, "its handshake");
        Assert.AreEqual(2, silent.Count(static visitor => visitor.IsThere));
    }

    // Elsewhere a /64 is one site.
    [TestMethod]
    public void Silent_OfOneForeignNetwork_HaveAQuarterTogether()
    {
        Visitor[] silent = [.. Enumerable.Range(1, 8).Select(i => Visit($"2001:db8::{i}"))];
        Assert.AreEqual(2, silent.Count(static visitor => visitor.IsThere));
    }

    // A neighbour takes as many addresses as it likes.
    [TestMethod]
    public async Task Silent_OfManyAddressesOfANeighbour_HaveHalfAndTheOldestGoesForTheNewest()
    {
        Visitor[] silent = [.. Enumerable.Range(1, 40).Select(i => Visit($"fd00::{i:x}"))];
        Assert.AreEqual(4, silent.Count(static visitor => visitor.IsThere));
        Assert.IsTrue(silent[^1].IsThere);
        Assert.AreEqual(4, _gate.UnderWay);

        Visitor neighbour = Visit("fd00::1:1");
        await neighbour.SayHello();
        await Patience.Within(neighbour.Served, "a neighbour's handshake");
        Visitor[] others = [.. Enumerable.Range(1, 4).Select(i => Visit($"192.0.2.{i}"))];
        Assert.IsTrue(others.All(static visitor => visitor.IsThere), "the other half is for others");
    }

    // One whose ClientHello is here is worked on: it does not go for those who have as many.
    [TestMethod]
    public async Task WorkedOn_AndSilentOnesCome_StaysAndAllPlacesComeBack()
    {
        Visitor honest = Visit("fd00::aaaa");
        await honest.SayHello();
        await Patience.Within(honest.Served, "its handshake");
        Visitor[] silent = [.. Enumerable.Range(1, 100).Select(i => Visit($"fd00::{i:x}"))];
        Assert.IsTrue(honest.IsThere);

        foreach (Visitor visitor in (Visitor[])[honest, .. silent])
            visitor.End();
        await Patience.Until(() => _gate.UnderWay == 0, "the end of all");
        for (int i = 0; i < 2; i++)
            Assert.IsTrue(Visit("fd00::bbbb").IsThere);
    }

    [TestMethod]
    [DataRow("fd00::1", "fd00::2", false, true)]
    [DataRow("fe80::1%3", "fe80::1%4", true, true)]
    [DataRow("2001:db8::1", "2001:db8::2", true, true)]
    [DataRow("2001:db8:0:1::1", "2001:db8:0:2::1", false, true)]
    [DataRow("fd00:0:0:1::1", "fd00:0:0:2::1", false, false)]
    [DataRow("192.0.2.1", "192.0.2.2", false, true)]
    [DataRow("192.0.2.1", "::ffff:192.0.2.1", true, true)]
    public void AddressKey_TwoAddresses_AreOneAddressOrOneNetwork(string one, string other, bool isAddress, bool isNetwork)
    {
        (EndPoint a, EndPoint b) = (EndPointOf(one), EndPointOf(other));
        Assert.AreEqual(isAddress, AddressKey.Of(a) == AddressKey.Of(b));
        Assert.AreEqual(isNetwork, AddressKey.NetworkOf(a) == AddressKey.NetworkOf(b));
    }

    // Not those of a longer prefix, as a tunnel's or a rented server's: its /64 is others', too.
    [TestMethod]
    public void HouseNetworks_OfTheInterfaces_AreTheirNetworksOf64Bits()
    {
        HashSet<ulong> onLink = HouseNetworks.Of([(IPAddress.Parse("2001:db8:0:7::2"), 64), (IPAddress.Parse("2001:db8:0:8::2"), 128), (IPAddress.Parse("192.168.1.2"), 24), (IPAddress.IPv6Loopback, 128)]);

        Assert.IsTrue(HouseNetworks.Contain(IPAddress.Parse("2001:db8:0:7::99"), onLink));
        Assert.IsFalse(HouseNetworks.Contain(IPAddress.Parse("2001:db8:0:8::99"), onLink));
        Assert.HasCount(1, onLink);
        OwnNetworks.Look();
    }

    private static IPEndPoint EndPointOf(string address) => new(IPAddress.Parse(address), 5000);

    private Visitor Visit(string address)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return new Visitor(_gate, EndPointOf(address));
    }

    private sealed class Visitor
    {
        private readonly Pipe _toGateway = new();
        private readonly State _state = new();
        private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Visitor(HandshakeGate gate, EndPoint remote, bool isHttp = false)
        {
            Pipe fromGateway = new();
            Connection connection = new(_toGateway, fromGateway, _state) { RemoteEndPoint = remote };
            _ = gate.RunAsync(connection, isHttp, _ =>
            {
                _served.SetResult();
                return _end.Task;
            });
        }

        public bool IsThere => !_state.IsClosed;

        public Task Served => _served.Task;

        public async Task SayHello() => _ = await _toGateway.Writer.WriteAsync(Hello);

        public void End()
        {
            _ = _end.TrySetResult();
            _toGateway.Writer.Complete();
        }
    }

    private sealed class Connection : DefaultConnectionContext
    {
        private readonly Pipe _input;
        private readonly State _state;

        public Connection(Pipe input, Pipe output, State state)
        {
            (_input, _state) = (input, state);
            Transport = new Duplex(input.Reader, output.Writer);
        }

        public override void Abort(ConnectionAbortedException abortReason)
        {
            _state.IsClosed = true;
            _input.Writer.Complete();
        }
    }

    private sealed class State
    {
        public bool IsClosed { get; set; }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
