using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;

namespace DeviceMqtt.Simulation.Upstreams;

/// <summary>What an upstream knows of one client over its connections.</summary>
internal sealed class UpstreamSession
{
    private const int WindowMax = 10;
    private ushort _lastPacketId;

    /// <summary>A command on its way to the gateway.</summary>
    public sealed class Outgoing(Publication publication)
    {
        public Publication Publication { get; } = publication;

        /// <summary>0 while it was never sent.</summary>
        public ushort PacketId { get; set; }

        public bool IsReleased { get; set; }
    }

    /// <summary>The client has the CONNACK that said that it is a new one: it has sent something since.</summary>
    public bool IsTold { get; set; }

    /// <summary>QoS 2 Packet Identifiers that wait for PUBREL.</summary>
    public HashSet<ushort> Open { get; } = [];

    public Dictionary<string, (QoS QoS, uint Identifier)> Subscriptions { get; } = [];

    public List<Outgoing> Commands { get; } = [];

    /// <summary>The next that was never sent, which has a Packet Identifier from now on; null when there is none, or no room.</summary>
    public Outgoing? TryTake()
    {
        if (Commands.Count(static c => c.PacketId != 0) >= WindowMax || Commands.Find(static c => c.PacketId == 0) is not { } next)
            return null;
        do
            _lastPacketId = (ushort)((_lastPacketId % 25) + 1); // small, so that identifiers come round
        while (Commands.Exists(c => c.PacketId == _lastPacketId));
        next.PacketId = _lastPacketId;
        return next;
    }
}
