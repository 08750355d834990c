using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A gateway in memory whose relay connects to a real socket. Its clock stands still; the relay's own timers run unless a test gives it another clock.</summary>
internal sealed class TestRelay : IAsyncDisposable
{
    private readonly IUpstream _upstream;
    private TestClient _board = null!; // from StartAsync on
    private bool _isOfAnother;

    private TestRelay(TestBroker gateway, IUpstream upstream, RelayOptions options, RelayWorld world, string? otherAddress)
    {
        Assert.IsNull(options.Check());
        Gateway = gateway;
        _upstream = upstream;
        UpstreamDialect dialect = new(options, gateway.Broker.Clock);
        Session = new RelaySession(gateway.Broker, options, dialect, world, Lines);
        string[] addresses = otherAddress is null ? [upstream.Address] : [upstream.Address, otherAddress];
        UplinkConnector[] connectors = [.. addresses.Select(UpstreamAddress.Parse).Select(address =>
            new UplinkConnector(address, options, new UplinkHandshake(address, options, dialect.Presence.Identity, gateway.Broker.Limits.PacketBytesMax), gateway.Broker.Limits, world))];
        Uplink = new Uplink(options, Session, connectors, gateway.Broker, world, Lines);
        gateway.Broker.ConnectUpstream(Session);
    }

    public TestBroker Gateway { get; }

    /// <summary>The upstream, where the test plays it.</summary>
    public FakeUpstream Upstream => (FakeUpstream)_upstream;

    public RelaySession Session { get; }

    public Uplink Uplink { get; }

    public RelayLines Lines { get; } = new();

    /// <summary>Starts a gateway and its relay, which is called <c>gw</c> upstream, speaks 3.1.1 if not told otherwise and tries again after 10 ms.</summary>
    public static async Task<TestRelay> StartAsync(
        Action<RelayOptions>? options = null, Action<GatewayLimits>? limits = null, Func<FakeTime, TimeProvider>? time = null, IUpstream? upstream = null,
        MemoryStorage? disk = null, ClientRole role = ClientRole.Device, Action<Ground>? ports = null, IUpstreamNetwork? network = null,
        IJournalStorage? storage = null, string? otherAddress = null, FakeMachine? machine = null, bool hasLateWills = true)
    {
        RelayOptions chosen = new() { ClientId = "gw", BackoffMinMs = 10, BackoffMaxMs = 10, Protocol = "3.1.1" };
        options?.Invoke(chosen);
        upstream ??= FakeUpstream.Start();
        TestRelay relay = null!;
        void Connect(TestBroker g) => relay = new TestRelay(g, upstream, chosen, new RelayWorld(time?.Invoke(g.Time) ?? TimeProvider.System) { Network = network ?? new TcpNetwork(), HasLateWills = hasLateWills }, otherAddress);
        if (disk is null)
            Connect(TestBroker.Start(limits, ground =>
            {
                ground.Access = new EverybodyIs(role);
                ports?.Invoke(ground);
            }));
        else
            _ = BrokerOnDisk.StartOn(disk, limits, Connect, new EverybodyIs(role), machine, storage: storage);
        // Without a Client Identifier of its own, so that the relay does not subscribe to anything for it.
        relay._board = await relay.Gateway.ConnectAsync("");
        await relay.Uplink.StartAsync(CancellationToken.None);
        _ = await relay.Lines.ExpectAsync(RelayLines.Connecting);
        return relay;
    }

    /// <summary>The relay of a gateway that is there, and that somebody else ends.</summary>
    public static async Task<TestRelay> StartOnAsync(TestBroker gateway, IUpstream upstream, Action<RelayOptions> options)
    {
        RelayOptions chosen = new() { BackoffMinMs = 10, BackoffMaxMs = 10 };
        options(chosen);
        TestRelay relay = new(gateway, upstream, chosen, new RelayWorld(TimeProvider.System) { Network = new TcpNetwork() }, otherAddress: null) { _isOfAnother = true };
        relay._board = await gateway.ConnectAsync("");
        await relay.Uplink.StartAsync(CancellationToken.None);
        return relay;
    }

    /// <summary>Publishes at QoS 1 as a client of the gateway, one message after the other, each acknowledged.</summary>
    public async Task PublishAsync(string topic, params string[] payloads)
    {
        foreach (string payload in payloads)
            _ = await _board.PublishAsync(topic, payload, QoS.AtLeastOnce);
    }

    /// <summary>Publishes one with RETAIN.</summary>
    public async Task PublishRetainedAsync(string topic, string payload) => _ = await _board.PublishAsync(topic, payload, QoS.AtLeastOnce, retain: true);

    /// <summary>Publishes at QoS 0 and returns when the gateway has it.</summary>
    public async Task PublishQoS0Async(string topic, string payload)
    {
        await _board.PublishAsync(topic, payload);
        await _board.ExpectNothingAsync();
    }

    /// <summary>Looks at the relay's state as its owner.</summary>
    public T Look<T>(Func<RelaySession, T> look)
    {
        using Turn.Scope scope = Gateway.Broker.Turn.Enter();
        return look(Session);
    }

    /// <summary>Does something with the relay as its owner.</summary>
    public void Do(Action<RelaySession> act)
    {
        using Turn.Scope scope = Gateway.Broker.Turn.Enter();
        act(Session);
    }

    /// <summary>Waits until the upstream has acknowledged everything.</summary>
    public Task WhenIdleAsync() => Patience.Within(Look(s => s.WhenIdle()), "the acknowledgement of everything");

    /// <summary>Lets the first seconds of a connection go by, in which it is told twice more who is here. For a relay whose clock stands still.</summary>
    public async Task SettleAsync(UpstreamPeer peer)
    {
        await WhenIdleAsync();
        foreach (int seconds in (int[])[5, 10])
        {
            Gateway.Time.Advance(TimeSpan.FromSeconds(seconds));
            await peer.ReceivePresenceAsync();
            await WhenIdleAsync();
        }
    }

    /// <summary>The next connection, of a relay whose clock stands still: its pause is over when it has begun. The upstream has its Session.</summary>
    public async Task<UpstreamPeer> AcceptLaterAsync()
    {
        Task<UpstreamPeer> accepted = Upstream.AcceptMqttAsync(sessionPresent: true);
        await Patience.Until(
            () =>
            {
                if (Uplink.NextTry is not null)
                    Gateway.Time.Advance(TimeSpan.FromMilliseconds(20));
                return accepted.IsCompleted;
            },
            "a connection of the relay");
        return await accepted;
    }

    /// <summary>Publishes at QoS 2 as a client of the gateway, one message after the other, each complete.</summary>
    public async Task PublishQoS2Async(string topic, params string[] payloads)
    {
        foreach (string payload in payloads)
            _ = await _board.PublishAsync(topic, payload, QoS.ExactlyOnce);
    }

    /// <summary>The gateway is killed. Returns what its disk holds.</summary>
    public async Task<MemoryStorage> CrashAsync()
    {
        MemoryStorage left = ((BrokerOnDisk)Gateway).Disk.Crash(null);
        await DisposeAsync();
        return left;
    }

    public async ValueTask DisposeAsync()
    {
        // First, so that the relay need not take its leave of an upstream that does not answer.
        await _upstream.EndAsync();
        await Patience.Within(Uplink.StopAsync(CancellationToken.None), "the stop of the relay");
        Uplink.Dispose();
        await _upstream.DisposeAsync();
        if (!_isOfAnother)
            await Gateway.DisposeAsync();
    }
}
