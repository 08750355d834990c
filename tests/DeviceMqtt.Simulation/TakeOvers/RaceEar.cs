using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.Commands;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.TakeOvers;

/// <summary>Hears all that is said, and all Wills.</summary>
internal sealed class RaceEar(string id, SimWorld world, SimGateway gateway) : Peer(id, isDurable: true, ProtocolVersion.V5, world, gateway)
{
    private readonly Dictionary<string, int> _heard = [];
    private readonly Dictionary<string, int> _last = [];

    /// <summary>Since when it has its subscription on one connection.</summary>
    public long OnSinceMs { get; private set; } = long.MaxValue;

    public int Heard => _heard.Count;

    public int CountOf(string said) => _heard.GetValueOrDefault(said);

    protected override void Welcome()
    {
        OnSinceMs = long.MaxValue;
        Subscribe("o/#", "w/#");
    }

    protected override void Subscribed(IReadOnlyList<ReasonCode> codes) => OnSinceMs = World.NowMs;

    // Each racer has a topic for each QoS: there its messages are in their order, over all its connections.
    protected override void Receive(string topic, string payload)
    {
        World.Tell($"{Id} hears {payload}");
        if (topic.StartsWith("o/", StringComparison.Ordinal) && CountOf(payload) == 0)
        {
            int number = int.Parse(payload.Split(':')[1]);
            Truth.Expect(number > _last.GetValueOrDefault(topic), $"{payload} came behind number {_last.GetValueOrDefault(topic)} on {topic}");
            _last[topic] = number;
        }

        _heard[payload] = CountOf(payload) + 1;
    }
}
