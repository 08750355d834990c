using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Connections;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.TestSupport;

/// <summary>A broker without a host: clients are pipes in memory, time is moved by hand.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1852", Justification = "Its subtypes are in other projects, which compile this file.")]
internal class TestBroker : IAsyncDisposable
{
    private static readonly IPEndPoint Loopback = new(IPAddress.Loopback, 40_000);
    private readonly List<TestTransport> _transports = [];

    /// <param name="ground">With its ports.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="reasons">Where the end of each connection is written down.</param>
    /// <param name="policies">Of groups of clients.</param>
    protected TestBroker(Ground ground, FakeTime time, ICloseReasons reasons, IReadOnlyList<GroupPolicy> policies)
    {
        Assert.IsNull(ground.Limits.Check());
        Time = time;
        Reasons = reasons;
        Mqtt = new MqttBroker(ground, new GroupPolicies(policies), time);
    }

    public FakeTime Time { get; }

    public MqttBroker Mqtt { get; }

    public BrokerState Broker => Mqtt.State;

    public BrokerCounters Counters => Broker.Counters;

    public ConnectionTable Table => Mqtt.Connections;

    /// <summary>What the broker said happened; of a broker whose host keeps a log, that log has it.</summary>
    public RecordingEvents Log => (RecordingEvents)Reasons;

    /// <summary>The transports of clients that connect from now on run in threads of their own.</summary>
    public bool IsParallel { get; set; }

    /// <summary>The test makes faults of the gateway itself, and counts them.</summary>
    public bool ExpectsFaults { get; set; }

    protected ICloseReasons Reasons { get; }

    public static TestBroker Start(Action<GatewayLimits>? limits = null, params IReadOnlyList<GroupPolicy> policies) => Start(limits, static _ => { }, policies);

    /// <summary>A broker with other ports than those that do nothing.</summary>
    public static TestBroker Start(Action<GatewayLimits>? limits, Action<Ground> ports, params IReadOnlyList<GroupPolicy> policies)
    {
        GatewayLimits chosen = new();
        limits?.Invoke(chosen);
        FakeTime time = new();
        RecordingEvents events = new();
        Ground ground = new(time, chosen) { Events = events };
        ports(ground);
        return new TestBroker(ground, time, events, policies);
    }

    /// <summary>A network connection on which nothing was sent yet.</summary>
    public TestClient Open(ProtocolVersion version = ProtocolVersion.V311, EndPoint? remote = null, int networkBytes = 0, PipeScheduler? reading = null)
    {
        TestTransport transport = new(networkBytes, IsParallel, reading);
        _transports.Add(transport);
        transport.Run(Mqtt, remote ?? Loopback);
        return new TestClient(transport, version, _transports.Count, Reasons);
    }

    /// <summary>A network connection that the test has made itself; returns when it has ended.</summary>
    public Task ServeAsync(IDuplexPipe transport, Action abort) => Mqtt.ServeAsync(transport, Loopback, abort);

    /// <summary>A client connects in the middle of the turn that the test holds, and leaves again at its end.</summary>
    public void ReceiveInTurn(ConnectPacket packet)
    {
        ArrayBufferWriter<byte> bytes = new();
        packet.Write(bytes);
        FrameReader reader = new(new ReadOnlySequence<byte>(bytes.WrittenMemory), int.MaxValue, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out Frame frame));
        MqttConnection connection = Table.TryOpen(new TestTransport(networkBytes: 0), Loopback, new CallerTransport(static () => { }, null, null))!;
        Mqtt.Packets.Receive(connection, frame);
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

    /// <summary>Time passes, and the broker looks at its clock.</summary>
    public void Advance(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        Beat();
    }

    /// <summary>Looks at the broker's state as its owner.</summary>
    public T Look<T>(Func<BrokerState, T> look)
    {
        using Turn.Scope scope = Broker.Turn.Enter();
        return look(Broker);
    }

    /// <summary>From now on looks at the end of each turn how much of something it has done.</summary>
    /// <param name="count">How much there is of it in all.</param>
    /// <returns>Tells the most that one turn has done.</returns>
    public Func<long> MostInOneTurn(Func<long> count)
    {
        long most = 0;
        long before = count();
        Action? atEnd = Broker.Turn.AtEnd;
        Broker.Turn.AtEnd = () =>
        {
            long now = count();
            most = Math.Max(most, now - before);
            before = now;
            atEnd?.Invoke();
        };
        return () => most;
    }

    /// <summary>The clean stop.</summary>
    public void Stop() => Mqtt.CloseAll();

    /// <summary>Stops; no test leaves a connection that does not end or a fault of the broker behind.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        Stop();
        foreach (TestTransport transport in _transports)
            await Patience.Within(transport.Ended, "the end of a connection after the stop of the gateway");
        Assert.AreEqual(0, Table.Count);
        if (!ExpectsFaults)
            Assert.AreEqual((0L, 0L), (Counters.Closed(CloseReason.InternalError), Counters.JobFaults), "a fault of the gateway closed a connection, or was in its own work: see the output");
        Assert.AreEqual(0, Counters.Closed(CloseReason.None));
        GC.SuppressFinalize(this);
    }

    /// <summary>What happens once a second.</summary>
    protected virtual void Beat() => Mqtt.Beat();
}
