using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Defaults;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Grounds;

/// <summary>
/// What every part of the broker stands on: the turn, the limits, the counters, and what the world outside has to be.
/// The ports are set before the first part is made.
/// </summary>
internal sealed class Ground
{
    public Ground(TimeProvider time, GatewayLimits limits)
    {
        Turn = new Turn(time);
        Limits = limits;
        Owners = new Owners(limits);
        Starving = new Starving(Owners[Good.Memory], Turn);
        Clock = new WallClock(time, Turn);
        Counters = new BrokerCounters(drop => Events.Dropped(drop));
        Running = new RunningClock(Turn);
        Custody = new NoCustody(Counters);
        Turn.Room.IsFull = () => Custody.IsFull;
        Beats = new BeatWork((name, fault, pauseMs) => WorkFailed(name, fault, pauseMs, isTold: true));
        Turn.Jobs.Faulted = (job, fault, after, pauseMs) => WorkFailed(job.Name, fault, pauseMs, isTold: after != AfterFault.OwnerEnded);
    }

    public Turn Turn { get; }

    /// <summary>What is done once a second.</summary>
    public BeatWork Beats { get; }

    public GatewayLimits Limits { get; }

    /// <summary>Who has what, of all that clients share.</summary>
    public Owners Owners { get; }

    /// <summary>Those that find no memory to send from.</summary>
    public Starving Starving { get; }

    public BrokerCounters Counters { get; }

    /// <summary>For what is shown and sent.</summary>
    public WallClock Clock { get; }

    /// <summary>For all that waits.</summary>
    public RunningClock Running { get; }

    public Upstreams Upstreams { get; } = new();

    /// <summary>How P2P messages wait.</summary>
    public PeerOptions P2P { get; set; } = new();

    /// <summary>What the specification leaves to the broker.</summary>
    public MqttOptions Mqtt { get; set; } = new();

    /// <summary>Whether the messages of a topic need not be written to the disk; those of none unless set.</summary>
    public Func<string, bool> IsVolatile { get; set; } = static _ => false;

    /// <summary>Whether a P2P message is a command that is not to be carried out any more, although its time is not over as far as it was counted; none is unless set.</summary>
    public Func<Message, bool> IsStale { get; set; } = static _ => false;

    /// <summary>Whether a message of a topic is on its way to a client, and has not gone to it yet; none is unless set.</summary>
    public Func<string, string, bool> IsUnderWay { get; set; } = static (_, _) => false;

    /// <summary>Has a job go on when the next message that takes several turns has gone to all.</summary>
    public Action<IJob> WakeBehindFanOut { get; set; } = static _ => { };

    /// <summary>What is told of clients.</summary>
    public PresenceOptions Presence { get; set; } = new();

    /// <summary>Where this gateway is reached, as it is told of the clients that are here; empty where nobody knows.</summary>
    public string GatewayAddress { get; set; } = "";

    /// <summary>What outlives the process; nothing unless set.</summary>
    public ICustody Custody { get; set; }

    /// <summary>Who is told what happens; nobody unless set.</summary>
    public IBrokerEvents Events { get; set; } = new NoEvents();

    /// <summary>Who looks on while messages are routed; null for nobody.</summary>
    public IMessageWatch? Watch { get; set; }

    /// <summary>Says where a message is; null where nobody can.</summary>
    public ITraceAnswers? TraceAnswers { get; set; }

    /// <summary>Who may do what; everybody everything unless set.</summary>
    public IAccessRules Access { get; set; } = new OpenAccess();

    /// <summary>Whether a user is not there any more, as that one: certainly, and not only where nobody can say now.</summary>
    /// <param name="clientId">Whose Client Identifier is asked about.</param>
    /// <param name="user">Its user; one that is not known is not gone.</param>
    public bool IsGone(string clientId, in UserIdentity user) =>
        user.Name is { } name && Access.Recall(clientId, name, ClientRole.Device) is { IsForNow: false } now && (now.Refusal is not null || user.IsOther(user with { Id = now.UserId }));

    private void WorkFailed(string name, Exception fault, int pauseMs, bool isTold)
    {
        Counters.JobFaults++;
        if (isTold)
            Events.WorkFailed(fault, name, pauseMs);
    }
}
