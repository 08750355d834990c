using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Clients;

/// <summary>How much is under way between a client and its gateway on one connection: the gateway keeps to what the client takes, and the client to what the gateway takes.</summary>
internal sealed class Window(SimWorld world, ClientKind kind)
{
    private readonly HashSet<ushort> _unanswered = [];
    private long _answersMs;

    /// <summary>What the gateway takes at once (5.0).</summary>
    public int SendMax { get; private set; } = ushort.MaxValue;

    private int Max => Math.Min(kind.InflightMax, kind.Version == ProtocolVersion.V5 ? kind.ReceiveMaximum : ushort.MaxValue);

    /// <summary>A new connection is accepted.</summary>
    public void Begin(int sendMax)
    {
        SendMax = sendMax;
        _unanswered.Clear();
    }

    /// <summary>A PUBLISH of QoS 1 or 2 is here.</summary>
    public void Got(ushort packetId)
    {
        _ = _unanswered.Add(packetId);
        Truth.Expect(_unanswered.Count <= Max, $"{kind.Id} takes {Max} messages at once, and {_unanswered.Count} are on their way to it"); // [MQTT-3.3.4-9]
    }

    /// <summary>PUBACK or PUBCOMP leaves.</summary>
    public void Done(ushort packetId) => _unanswered.Remove(packetId);

    /// <summary>Answers in their order, as slowly as the client is.</summary>
    public void Answer(Action send)
    {
        if (kind.AnswerMs == 0)
        {
            send();
            return;
        }

        _answersMs = Math.Max(_answersMs, world.NowMs + world.Random.Next(kind.AnswerMs));
        world.At(_answersMs - world.NowMs, send);
    }
}
