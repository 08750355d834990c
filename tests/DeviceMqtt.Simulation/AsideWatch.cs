using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation;

/// <summary>What the gateways of a run have set aside for their upstreams: it stays so, over restarts too, until somebody wants it otherwise. And somebody does.</summary>
/// <param name="world">Tells the time.</param>
/// <param name="truth">Knows what was published.</param>
/// <param name="stage">Who is there.</param>
internal sealed class AsideWatch(SimWorld world, Truth truth, RelayStage stage)
{
    private const int RetryPercent = 10; // each second, for a gateway that has something aside for another
    private readonly Dictionary<(SimGateway, string), Dictionary<string, long>> _since = [];
    private readonly Dictionary<SimGateway, int> _ends = [];

    /// <summary>What was aside still is.</summary>
    public void Look(SimGateway gateway)
    {
        if (gateway.Relay is not { } relay)
            return;
        bool hasEnded = _ends.GetValueOrDefault(gateway) != gateway.Ends;
        _ends[gateway] = gateway.Ends;
        foreach (string upstream in gateway.Upstreams)
        {
            Dictionary<string, long> since = _since.TryGetValue((gateway, upstream), out Dictionary<string, long>? known) ? known : _since[(gateway, upstream)] = [];
            HashSet<string> now = [.. relay.AsideOf(upstream)];
            foreach ((string id, long sinceMs) in since.ToArray())
            {
                if (hasEnded && MayBeUnwritten(gateway, id, sinceMs))
                {
                    _ = since.Remove(id);
                    continue;
                }

                Truth.Expect(now.Contains(id) || world.NowMs - sinceMs < 5000, $"{id} was set aside by {gateway.Name} for {upstream}, and is not any more");
                if (!now.Contains(id))
                    _ = since.Remove(id);
            }

            foreach (string id in now)
                if (since.TryAdd(id, world.NowMs) && IsGateway(upstream))
                    truth.Find(id)?.MayBeRefused = true; // when it is tried again it comes behind later ones
            foreach (string id in IsGateway(upstream) ? relay.AsideForEnds(upstream) : [])
                truth.Find(id)?.MayComeTwice = true; // the one above may have it, and its acknowledgement was lost with the connection
        }
    }

    /// <summary>What is aside for one upstream.</summary>
    public HashSet<string> For(string upstream) => [.. stage.Gateways.Where(g => g.Upstreams.Contains(upstream)).SelectMany(g => g.Relay?.AsideOf(upstream) ?? [])];

    /// <summary>What gateways have set aside for the gateways above them.</summary>
    public IEnumerable<string> ForGateways() => Below().SelectMany(static b => b.Gateway.Relay!.AsideOf(b.Above));

    /// <summary>An operator wants all that a gateway has aside for an upstream tried again, or dropped.</summary>
    public void Run(SimGateway gateway, string upstream, string what)
    {
        _since.GetValueOrDefault((gateway, upstream))?.Clear();
        gateway.Relay?.RunAsideCommand($"{what} {upstream} all");
    }

    /// <summary>The same for all that gateways have aside for the gateways above them.</summary>
    public void RetryBelow()
    {
        foreach ((SimGateway gateway, string above) in Below().ToArray())
            Run(gateway, above, "retry");
    }

    /// <summary>Each second: at times one does so while other things fail.</summary>
    public void RetrySometimes()
    {
        foreach ((SimGateway gateway, string above) in Below().ToArray())
            if (gateway.Relay!.AsideOf(above).Any() && world.Chance(RetryPercent))
                Run(gateway, above, "retry");
    }

    /// <summary>
    /// A relay that stands because no more may be set aside waits for a person, and sends what it has in flight on each connection meanwhile: without one that never ends (seed 224 with small bounds).
    /// So does one where all that is at the front of its backlog is refused (seed 20 with small bounds).
    /// </summary>
    public void MakeRoom()
    {
        if (Below().Any(static b => b.Gateway.Relay!.RefusesAll(b.Above)))
            AllowAll();
        foreach (SimGateway gateway in stage.Gateways.Where(static g => g.Relay is not null))
            foreach ((string upstream, int number, string id) in gateway.Relay!.AsideFull().ToArray())
            {
                gateway.Relay.RunAsideCommand($"drop {upstream} {number}");
                _ = _since.GetValueOrDefault((gateway, upstream))?.Remove(id);
            }
    }

    /// <summary>A gateway takes no message on one topic from those below, which set aside what goes there.</summary>
    public void Deny(SimGateway above, string topic)
    {
        world.Tell($"{above.Name} takes nothing on {topic} from below");
        above.Access.Denied = topic;
    }

    /// <summary>And takes them again. What was refused goes once more, behind what was under way already.</summary>
    public void AllowAll()
    {
        foreach (SimGateway above in stage.Gateways.Where(static g => g.Access.Denied.Length > 0))
        {
            world.Tell($"{above.Name} takes all from below");
            foreach (Publication publication in truth.All.Where(p => p.Topic == above.Access.Denied))
                publication.MayBeRefused = true;
            above.Access.Denied = "";
        }
    }

    private IEnumerable<(SimGateway Gateway, string Above)> Below() =>
        stage.Gateways.Where(static g => g.Relay is not null).SelectMany(g => g.Upstreams.Where(IsGateway).Select(above => (g, above)));

    private bool IsGateway(string upstream) => stage.Gateways.Exists(g => g.Name == upstream);

    // That it was set aside is one of the things that nobody waits for, or it was in memory alone, and so is a message of QoS 0: there may have been no room to say so.
    private bool MayBeUnwritten(SimGateway gateway, string id, long asideSinceMs) =>
        truth.Find(id) is { IsVolatile: true } || gateway.WasFull(asideSinceMs - 2000, asideSinceMs + 1000) || (truth.Find(id) is { QoS: QoS.AtMostOnce } published && gateway.WasFull(published.AtMs, published.AtMs + 1000));
}
