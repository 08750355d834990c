using System.Text;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Simulation.Faults;

namespace DeviceMqtt.Simulation.World;

/// <summary>Who is where, for gateways that connect to upstreams.</summary>
internal sealed class SimNetwork(SimWorld world)
{
    private readonly Dictionary<(string Sender, string Text), int> _copies = [];
    private readonly Dictionary<string, int> _copiesMax = [];

    public Dictionary<string, ISimHost> Hosts { get; } = [];

    /// <summary>How often a gateway has sent the message that it has sent most often to one upstream.</summary>
    public int CopiesMaxOf(string gateway) => _copiesMax.GetValueOrDefault(gateway);

    // A message is known by the end of its packet, whatever version of MQTT it is in.
    private void Count(string sender, string host, byte[] packet)
    {
        if (packet[0] >> 4 != (int)PacketType.Publish)
            return;
        int start = packet.Length;
        while (start > 0 && (packet[start - 1] is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)':') or (byte)'-'))
            start--;
        string text = Encoding.ASCII.GetString(packet.AsSpan(start));
        if (!text.Contains(':', StringComparison.Ordinal))
            return;
        int count = _copies[(sender, host.Split('-')[0] + text)] = _copies.GetValueOrDefault((sender, host.Split('-')[0] + text)) + 1;
        _copiesMax[sender] = Math.Max(count, CopiesMaxOf(sender));
    }

    /// <summary>The network as one process has it: nothing of it is left when the process is gone.</summary>
    public sealed class Port(SimNetwork network, string owner, Func<string, WireFault?> faultOf) : IUpstreamNetwork
    {
        private readonly List<(string Host, SimStream Stream)> _open = [];
        private readonly Dictionary<string, SimStream> _last = [];
        private bool _isDead;

        public Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellation)
        {
            TaskCompletionSource<Stream> dial = new();
            SimWorld world = network.World;
            _ = cancellation.UnsafeRegister(_ => world.At(0, () => dial.TrySetCanceled(cancellation)), null);
            world.At(1 + world.Random.Next(30), () => Answer(host, dial));
            return dial.Task;
        }

        /// <summary>All connections to a host break.</summary>
        /// <param name="host">Its name; null for all hosts.</param>
        /// <param name="noticedHereMs">After which the gateway learns it; negative for never by itself.</param>
        /// <param name="noticedThereMs">The same of the upstream.</param>
        public void Cut(string? host, long noticedHereMs, long noticedThereMs)
        {
            foreach ((string name, SimStream stream) in _open.ToArray())
                if (host is null || host == name)
                    stream.Break(noticedHereMs, noticedThereMs);
            _ = _open.RemoveAll(o => host is null || o.Host == host);
        }

        /// <summary>Whether the upstream or the network has ended the last connection of the gateway itself to a host.</summary>
        public bool WasEndedFromOutside(string host) => !_last.TryGetValue(host, out SimStream? stream) || stream.IsEndedFromOutside;

        /// <summary>The process is gone: nothing that it waits for happens any more.</summary>
        public void Die(long noticedThereMs)
        {
            _isDead = true;
            foreach ((_, SimStream stream) in _open)
                stream.Die(noticedThereMs);
            _open.Clear();
        }

        private void Answer(string host, TaskCompletionSource<Stream> dial)
        {
            if (_isDead || dial.Task.IsCompleted || !network.Hosts.TryGetValue(host, out ISimHost? machine) || !machine.IsReachable)
                return;
            SimStream stream = new(network.World, faultOf(host), packet => network.Count(owner, host, packet));
            if (machine.Dial(stream.Receive, stream.EndedThere) is not { } wire)
            {
                _ = dial.TrySetException(new UplinkException(UplinkEndReason.Refused, "connection refused"));
                return;
            }

            stream.Wire = wire;
            stream.Began = isGateway =>
            {
                if (isGateway)
                    _last[host] = stream;
            };
            _ = _open.RemoveAll(static o => o.Stream.IsOver);
            _open.Add((host, stream));
            _ = dial.TrySetResult(stream);
        }
    }

    private SimWorld World => world;
}
