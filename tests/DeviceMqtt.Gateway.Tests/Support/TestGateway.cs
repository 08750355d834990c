using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Connections;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Custody.Keeping;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests;

/// <summary>The whole gateway but its sockets: clients are pipes in memory, time is moved by hand.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private static readonly IPEndPoint Loopback = new(IPAddress.Loopback, 40_000);
    private readonly MqttBroker _broker;
    private readonly List<TestTransport> _transports = [];

    private TestGateway(GatewayLimits limits, SecurityOptions security, IReadOnlyList<GroupPolicy> policies, MemoryStorage? disk)
    {
        Assert.IsNull(limits.Check());
        Ground ground = new(Time, limits);
        ConnectionEvents events = new(Log, new LogOptions(), ground.Turn);
        ground.Events = events;
        ground.Access = new Authenticator(security);
        JournalCustody custody = new(ground);
        if (disk is not null)
            ground.Custody = custody;
        _broker = new MqttBroker(ground, new GroupPolicies(policies), Time);
        Disk = disk;
        if (disk is not null)
            State = new DurableState(Broker, custody, disk, Log, Time);
        Heartbeat = new Heartbeat(_broker, events, State, Time);
    }

    /// <summary>What the gateway keeps its state on; null when it keeps none.</summary>
    public MemoryStorage? Disk { get; }

    public DurableState? State { get; }

    public FakeTime Time { get; } = new();

    public RecordingLog Log { get; } = new();

    public BrokerCounters Counters => Broker.Counters;

    public BrokerState Broker => _broker.State;

    public MqttBroker Mqtt => _broker;

    public ConnectionTable Table => _broker.Connections;

    public Heartbeat Heartbeat { get; }

    /// <summary>The transports of clients that connect from now on run in threads of their own.</summary>
    public bool IsParallel { get; set; }

    public static TestGateway Start(Action<GatewayLimits>? limits = null, Action<SecurityOptions>? security = null, params IReadOnlyList<GroupPolicy> policies)
    {
        GatewayLimits chosen = new();
        limits?.Invoke(chosen);
        SecurityOptions options = new();
        security?.Invoke(options);
        return new TestGateway(chosen, options, policies, disk: null);
    }

    /// <summary>A gateway on what a disk holds.</summary>
    /// <param name="disk">What is kept.</param>
    /// <param name="limits">Other than the defaults.</param>
    /// <param name="before">What happens before the gateway looks at the disk.</param>
    /// <param name="security">Other than the defaults.</param>
    public static TestGateway StartOn(MemoryStorage disk, Action<GatewayLimits>? limits = null, Action<TestGateway>? before = null, Action<SecurityOptions>? security = null)
    {
        GatewayLimits chosen = new();
        limits?.Invoke(chosen);
        SecurityOptions options = new();
        security?.Invoke(options);
        TestGateway gateway = new(chosen, options, [], disk);
        before?.Invoke(gateway);
        gateway.State!.Open();
        return gateway;
    }

    /// <summary>
    /// The gateway is gone in the middle of whatever it does. Returns what its disk holds: everything written when the
    /// process was killed, or, with chance, what a power cut leaves of that.
    /// </summary>
    public async Task<MemoryStorage> CrashAsync(Random? power = null)
    {
        MemoryStorage left = Disk!.Crash(power);
        await DisposeAsync();
        return left;
    }

    /// <summary>A network connection on which nothing was sent yet.</summary>
    public TestClient Open(ProtocolVersion version = ProtocolVersion.V311, EndPoint? remote = null, int networkBytes = 0)
    {
        TestTransport transport = new(networkBytes, IsParallel);
        _transports.Add(transport);
        transport.Run(_broker, remote ?? Loopback);
        return new TestClient(transport, version, _transports.Count, Log);
    }

    /// <summary>A network connection that the test has made itself; returns when it has ended.</summary>
    public Task ServeAsync(IDuplexPipe transport, Action abort) => _broker.ServeAsync(transport, Loopback, abort);

    /// <summary>A client connects in the middle of the turn that the test holds, and leaves again at its end.</summary>
    public void ReceiveInTurn(ConnectPacket packet)
    {
        ArrayBufferWriter<byte> bytes = new();
        packet.Write(bytes);
        FrameReader reader = new(new ReadOnlySequence<byte>(bytes.WrittenMemory), int.MaxValue, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out Frame frame));
        MqttConnection connection = Table.TryOpen(new TestTransport(networkBytes: 0), Loopback, abort: static () => { })!;
        _broker.Packets.Receive(connection, frame);
        Assert.IsNotNull(connection.Session, "the gateway refused the connection");
        connection.Close(CloseReason.ClientDisconnected);
        Table.Close(connection);
    }

    /// <summary>A client with its CONNACK.</summary>
    public async Task<TestClient> ConnectAsync(
        string clientId, ProtocolVersion version = ProtocolVersion.V311, bool clean = true, WillMessage? will = null, ConnectProperties? properties = null, int networkBytes = 0)
    {
        TestClient client = Open(version, networkBytes: networkBytes);
        ConnAckPacket connAck = await client.ConnectAsync(clientId, clean, will: will, properties: properties);
        Assert.AreEqual(0, connAck.Code, "the gateway refused the connection");
        return client;
    }

    /// <summary>A client whose Session stays for an hour, in whatever way its version says so, with the CONNACK it got.</summary>
    public async Task<TestClient> ConnectDurableAsync(
        string clientId, ProtocolVersion version = ProtocolVersion.V311, bool clean = false, WillMessage? will = null, ushort receiveMaximum = ushort.MaxValue, int networkBytes = 0)
    {
        ConnectProperties? properties = version == ProtocolVersion.V5
            ? new ConnectProperties { SessionExpirySeconds = 3600, ReceiveMaximum = receiveMaximum }
            : null;
        return await ConnectAsync(clientId, version, clean, will, properties, networkBytes);
    }

    /// <summary>Time passes, and the gateway looks at its clock.</summary>
    public void Advance(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        Heartbeat.Beat();
    }

    /// <summary>Looks at the broker's state as its owner.</summary>
    public T Look<T>(Func<BrokerState, T> look)
    {
        using Turn.Scope scope = Broker.Turn.Enter();
        return look(Broker);
    }

    /// <summary>The clean stop of the gateway.</summary>
    public void Stop()
    {
        using Turn.Scope scope = Broker.Turn.Enter();
        Table.CloseAll();
    }

    /// <summary>Stops; no test leaves a connection that does not end or a fault of the gateway behind.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        foreach (TestTransport transport in _transports)
            await Patience.Within(transport.Ended, "the end of a connection after the stop of the gateway");
        Heartbeat.Dispose();
        if (State is not null)
            await State.DisposeAsync();
        Assert.AreEqual(0, Table.Count);
        Assert.AreEqual(0, Counters.Closed(CloseReason.InternalError), "a connection was closed by a fault of the gateway: see the output");
        Assert.AreEqual(0, Counters.Closed(CloseReason.None));
    }
}
