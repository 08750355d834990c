using System.IO.Pipelines;
using System.Net;
using System.Text;
using DeviceMqtt.Broker.Connections;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker;

/// <summary>
/// An MQTT broker for 3.1, 3.1.1 and 5.0 without a socket, a file or a host: whoever uses it brings connections as pairs of
/// pipes, and calls <see cref="Beat"/> once a second (or runs <see cref="RunAsync"/>). Safe to call from any thread.
/// </summary>
public sealed class MqttBroker
{
    /// <summary>How often <see cref="Beat"/> is called; keep alive is in whole seconds, so one is fine enough.</summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(1);

    private readonly ConnectionLoop _loop;

    /// <summary>A broker in memory.</summary>
    /// <exception cref="ArgumentException">A limit has an impossible value; the message names it.</exception>
    public MqttBroker(MqttBrokerOptions? options = null)
        : this(Checked(options ?? new MqttBrokerOptions()), new GroupPolicies([]), (options ?? new MqttBrokerOptions()).Time)
    {
    }

    internal MqttBroker(Ground ground, GroupPolicies policies, TimeProvider time)
    {
        Time = time;
        State = new BrokerState(ground, policies);
        Connections = new ConnectionTable(State);
        Packets = new PacketReceiver(State, new ConnectReceiver(State, policies, new TakeOvers(State, time), Connections.Rich));
        FullJournal full = new(State, Packets, time);
        _loop = new ConnectionLoop(State, Packets, Connections, full, new Departures(State, Connections, full, Packets.Connect), time);
    }

    /// <summary>Open connections.</summary>
    public int ConnectionCount => Connections.Count;

    /// <inheritdoc cref="ConnectionTable.SettledCount"/>
    internal int SettledCount => Connections.SettledCount;

    internal BrokerState State { get; }

    internal TimeProvider Time { get; }

    internal ConnectionTable Connections { get; }

    internal PacketReceiver Packets { get; }

    /// <summary>Serves one connection; returns when it has ended and what it owned is settled. Does not throw.</summary>
    /// <param name="transport">Bytes in and out; completed by the caller.</param>
    /// <param name="remote">Who connected; null where nobody knows.</param>
    /// <param name="abort">Ends the transport at once, with what is not sent yet.</param>
    /// <param name="bytesTaken">How much of what was sent the client's machine has taken; null where nobody knows.</param>
    /// <param name="bytesUnread">How much has arrived that the transport has not read yet: at a take-over it counts first. Null where nobody knows.</param>
    /// <param name="transportBytes">What its transport takes in memory beside that of a plain connection, in bytes: TLS does. It counts as the client's.</param>
    public Task ServeAsync(IDuplexPipe transport, EndPoint? remote, Action abort, Func<long>? bytesTaken = null, Func<long>? bytesUnread = null, int transportBytes = 0) =>
        ServeTransportAsync(transport, remote, new CallerTransport(abort, bytesTaken, bytesUnread), transportBytes);

    /// <summary>Serves one connection and tells its transport of the end: a task that waited for that would stay in memory for each connection.</summary>
    internal Task ServeTransportAsync(IDuplexPipe pipes, EndPoint? remote, ITransport transport, int transportBytes = 0) =>
        _loop.RunAsync(pipes, remote, transport, transportBytes);

    /// <summary>Publishes a message of the program itself, as a client would, to whoever subscribes.</summary>
    /// <exception cref="ArgumentException">The text is no Topic Name, or the message is larger than a packet may be (<see cref="GatewayLimits.PacketBytesMax"/>).</exception>
    public void Publish(string topicName, ReadOnlySpan<byte> payload, QoS qos = QoS.AtMostOnce, bool retain = false)
    {
        if (!TopicName.TryParse(topicName, out _, out MalformedReason reason))
            throw new ArgumentException(reason.ToText(), nameof(topicName));
        if (!State.Limits.FitsPacket(Encoding.UTF8.GetByteCount(topicName), payload.Length))
            throw new ArgumentException($"the message does not fit a packet of {State.Limits.PacketBytesMax} bytes", nameof(payload));
        using Turn.Scope scope = State.Turn.Enter();
        Publication publication = new()
        {
            Route = State.Routes.Get(topicName),
            QoS = qos,
            Retain = retain,
            Payload = payload,
            Origin = Origin.Gateway,
            NowMs = State.Turn.NowMs,
        };
        _ = State.Publish(ref publication);
    }

    /// <summary>Once a second: ends connections that were silent for too long, and Sessions, Wills and retained messages whose time has come.</summary>
    public void Beat()
    {
        using Turn.Scope scope = State.Turn.Enter();
        State.Beats.Do("the look for connections that are silent", () => Connections.CloseOverdue(State.Turn.NowMs));
        State.Expire();
    }

    /// <summary>
    /// Users or rights have changed: disconnects the clients whose <see cref="IClientRights.IsCurrent"/> is false (5.0: 0x98), and ends the
    /// Sessions of absent clients that <see cref="Ports.IAccessRules.Recall"/> refuses. Returns before all of them are looked at.
    /// </summary>
    public void ReviewAccess()
    {
        using Turn.Scope scope = State.Turn.Enter();
        State.ReviewAccess();
    }

    /// <summary>Calls <see cref="Beat"/> until it is told to stop.</summary>
    public Task RunAsync(CancellationToken stopping) => BeatAsync(Beat, stopping);

    // What keeps the state on disk has more to do in a beat.
    internal async Task BeatAsync(Action beat, CancellationToken stopping)
    {
        using PeriodicTimer timer = new(BeatInterval, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
                beat();
        }
        catch (OperationCanceledException)
        {
            CloseAll();
        }
    }

    /// <summary>Closes all connections, without Wills: their clients did not fail. Nobody more is taken in.</summary>
    public void CloseAll()
    {
        using Turn.Scope scope = State.Turn.Enter();
        Connections.CloseAll();
    }

    internal static Ground Checked(MqttBrokerOptions options)
    {
        if (options.Limits.Check() is { } wrong)
            throw new ArgumentException(wrong, nameof(options));
        return new Ground(options.Time, options.Limits) { Access = options.Access, Events = options.Events };
    }
}
