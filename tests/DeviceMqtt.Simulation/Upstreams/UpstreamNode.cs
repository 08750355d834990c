using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Upstreams;

/// <summary>One node of an upstream.</summary>
internal sealed class UpstreamNode(SimWorld world, SimUpstream upstream, string name, Dictionary<string, UpstreamSession> sessions) : ISimHost
{
    private readonly List<UpstreamConnection> _connections = [];

    public string Name => name;

    public bool IsUp { get; private set; } = true;

    public bool IsReachable { get; set; } = true;

    /// <summary>By Client Identifier.</summary>
    public Dictionary<string, UpstreamSession> Sessions => sessions;

    public ISimWire? Dial(Action<byte[]> received, Action closed)
    {
        if (!IsUp)
            return null;
        UpstreamConnection connection = new(world, upstream, this, received, closed);
        _connections.Add(connection);
        return connection;
    }

    public UpstreamConnection? Find(string clientId) => _connections.Find(c => c.ClientId == clientId);

    public void Ended(UpstreamConnection connection) => _connections.Remove(connection);

    /// <summary>The node goes, with its connections; what it knows of Sessions stays.</summary>
    public void GoDown(long backMs)
    {
        if (!IsUp)
            return;
        world.Tell($"{name} goes down for {backMs} ms");
        IsUp = false;
        CloseAll();
        world.At(backMs, () => IsUp = true);
    }

    public void CloseAll()
    {
        foreach (UpstreamConnection connection in _connections.ToArray())
            connection.Close(tellsWill: true);
    }
}
