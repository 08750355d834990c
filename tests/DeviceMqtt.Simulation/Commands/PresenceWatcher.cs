using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Commands;

/// <summary>Looks at who is shown as online.</summary>
internal sealed class PresenceWatcher(string id, SimWorld world, SimGateway gateway) : Peer(id, isDurable: false, ProtocolVersion.V311, world, gateway)
{
    private const string Nothing = "nothing";

    /// <summary>What was told last, by client.</summary>
    public Dictionary<string, string> Told { get; } = new(StringComparer.Ordinal);

    /// <summary>Boards vanish, the gateway is killed or not, and a minute later everybody is shown as they are.</summary>
    /// <param name="world">Where.</param>
    /// <param name="gateway">Which shows it.</param>
    /// <param name="gone">Boards that vanish now.</param>
    /// <param name="pass">Has so many seconds go by.</param>
    /// <param name="peers">Who is looked at.</param>
    /// <param name="isThere">Of whom, beside those that vanish, it is so.</param>
    /// <param name="mayBeForgotten">Nothing may be told of those that are gone.</param>
    public static void Check(SimWorld world, SimGateway gateway, SimBoard[] gone, Action<int> pass, IEnumerable<Peer> peers, Func<Peer, bool> isThere, bool mayBeForgotten)
    {
        foreach (SimBoard board in gone)
            board.Vanish();
        if (world.Chance(50))
            gateway.Kill(power: false, 1000);
        pass(60);
        PresenceWatcher watcher = new("watcher", world, gateway);
        watcher.Start();
        pass(20);
        foreach (Peer peer in peers)
        {
            bool isOnline = !gone.Contains(peer) && isThere(peer);
            string told = watcher.Told.GetValueOrDefault(peer.Id, Nothing);
            bool isTold = told.StartsWith(isOnline ? "{\"online\":true" : "{\"online\":false", StringComparison.Ordinal) || (mayBeForgotten && !isOnline && told == Nothing);
            Truth.Expect(isTold, $"{peer.Id} is {(isOnline ? "there" : "gone")}, and shown as {told}");
        }
    }

    protected override void Welcome() => Subscribe("$gw/presence/+");

    protected override void Receive(string topic, string payload) => Told[topic[(topic.LastIndexOf('/') + 1)..]] = payload;
}
