using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Tests;

/// <summary>The gateway as its host puts it together, with its log and its security, but without its sockets.</summary>
internal sealed class TestGateway : TestBroker
{
    private TestGateway(Ground ground, FakeTime time, RecordingLog log, ConnectionEvents events, (UserDirectory Directory, Logins Logins) users, IReadOnlyList<GroupPolicy> policies)
        : base(ground, time, log, policies)
    {
        Log = log;
        Events = events;
        Logins = users.Logins;
        Directory = users.Directory;
        Heartbeat = new Heartbeat(Mqtt, (Directory, null), events, state: null, time);
    }

    public new RecordingLog Log { get; }

    /// <summary>What writes its log.</summary>
    public ConnectionEvents Events { get; }

    public Heartbeat Heartbeat { get; }

    public Logins Logins { get; }

    public UserDirectory Directory { get; }

    public static TestGateway Start(Action<GatewayLimits>? limits = null, Action<SecurityOptions>? security = null, params IReadOnlyList<GroupPolicy> policies) =>
        Start(limits, security, PasswordHash.Fits, policies);

    /// <summary>A gateway whose hashes are worked out as the test says.</summary>
    public static TestGateway Start(Action<GatewayLimits>? limits, Action<SecurityOptions>? security, PasswordCheck check, params IReadOnlyList<GroupPolicy> policies)
    {
        GatewayLimits chosen = new();
        limits?.Invoke(chosen);
        SecurityOptions options = new();
        security?.Invoke(options);
        FakeTime time = new();
        RecordingLog log = new();
        Ground ground = new(time, chosen);
        ConnectionEvents events = new(log, new LogOptions(), chosen, ground.Turn, new GroupPolicies(policies));
        ground.Events = events;
        Logins logins = new(chosen, time, check);
        UserDirectory directory = new(options);
        _ = directory.HasChanged(); // from here on, as the host does it
        ground.Access = new Authenticator(directory, logins);
        return new TestGateway(ground, time, log, events, (directory, logins), policies);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Heartbeat.Dispose();
        Logins.Dispose();
    }

    protected override void Beat() => Heartbeat.Beat();
}
