namespace DeviceMqtt.Relay.Link;

/// <summary>What the relay has of the world around it, besides the broker: a simulation has all of it in its hands.</summary>
/// <param name="Time">Its timers, and how long a connection has lasted.</param>
internal sealed record RelayWorld(TimeProvider Time)
{
    /// <summary>Where upstreams are.</summary>
    public IUpstreamNetwork Network { get; init; } = new TcpNetwork();

    /// <summary>The last Packet Identifier that an upstream may have in use; a simulation, which is over before many are used, need not free them all.</summary>
    public ushort PacketIdMax { get; init; } = ushort.MaxValue;

    /// <summary>Upstreams may publish Wills of earlier connections late, and are told again who is here; false where a test has each packet in its hands.</summary>
    public bool HasLateWills { get; init; } = true;

    /// <summary>What is left to chance of the pauses between two tries to connect.</summary>
    public Random Random { get; init; } = Random.Shared;
}
