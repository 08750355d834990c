using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// What waits to be worked out, logins or TLS handshakes, by the address that it came from. Each address has a rank, and a better one goes first. Within a rank networks take turns
/// (<see cref="AddressKey.NetworkOf(UInt128)"/>), and within a network addresses: one that has sent two hundred, each of which takes a third of a
/// second, makes another one wait for one of them and not for all, and so does one that has two hundred addresses in one network. Not safe for more than one thread.
/// </summary>
internal sealed class AddressTurns<T>
    where T : class
{
    private readonly Dictionary<UInt128, Address> _addresses = [];
    private readonly Dictionary<(int Rank, UInt128 Key), Network> _networks = [];
    private readonly SortedDictionary<int, LinkedList<Network>> _ranks = [];

    private sealed class Network(int rank, UInt128 key)
    {
        public int Rank => rank;

        public UInt128 Key => key;

        public LinkedList<Address> Turns { get; } = new();
    }

    private sealed class Address(UInt128 key, Network network)
    {
        public UInt128 Key => key;

        public Network Network { get; set; } = network;

        public LinkedList<T> Jobs { get; } = new();
    }

    /// <param name="address">Where it came from.</param>
    /// <param name="rank">Of the address, for all that it has: 0 is the best.</param>
    /// <param name="job">Is added as the last of its address.</param>
    public void Add(UInt128 address, int rank, T job)
    {
        if (_addresses.TryGetValue(address, out Address? waiting))
        {
            _ = waiting.Jobs.AddLast(job);
            Rank(address, rank);
            return;
        }

        _addresses.Add(address, waiting = new Address(address, NetworkOf(address, rank)));
        _ = waiting.Jobs.AddLast(job);
        _ = waiting.Network.Turns.AddLast(waiting);
    }

    /// <summary>An address has another rank, with all that it has waiting.</summary>
    public void Rank(UInt128 address, int rank)
    {
        if (!_addresses.TryGetValue(address, out Address? waiting) || waiting.Network.Rank == rank)
            return;
        LeaveNetwork(waiting);
        waiting.Network = NetworkOf(address, rank);
        _ = waiting.Network.Turns.AddLast(waiting);
    }

    /// <returns>False when it does not wait here.</returns>
    public bool Remove(UInt128 address, T job)
    {
        if (!_addresses.TryGetValue(address, out Address? waiting) || !waiting.Jobs.Remove(job))
            return false;
        if (waiting.Jobs.Count == 0)
        {
            _ = _addresses.Remove(address);
            LeaveNetwork(waiting);
        }

        return true;
    }

    /// <summary>The next, of the address whose turn it is.</summary>
    public bool TryTake([NotNullWhen(true)] out T? job)
    {
        job = null;
        if (_addresses.Count == 0)
            return false;
        LinkedList<Network> networks = _ranks.Values.First();
        Network network = networks.First!.Value;
        Address waiting = network.Turns.First!.Value;
        job = waiting.Jobs.First!.Value;
        waiting.Jobs.RemoveFirst();
        // Both go to the end.
        LeaveNetwork(waiting);
        if (_networks.ContainsKey((network.Rank, network.Key)))
        {
            networks.RemoveFirst();
            _ = networks.AddLast(network);
        }

        if (waiting.Jobs.Count == 0)
        {
            _ = _addresses.Remove(waiting.Key);
            return true;
        }

        waiting.Network = NetworkOf(waiting.Key, network.Rank);
        _ = waiting.Network.Turns.AddLast(waiting);
        return true;
    }

    private Network NetworkOf(UInt128 address, int rank)
    {
        UInt128 key = AddressKey.NetworkOf(address);
        if (_networks.TryGetValue((rank, key), out Network? network))
            return network;
        _networks.Add((rank, key), network = new Network(rank, key));
        if (!_ranks.TryGetValue(rank, out LinkedList<Network>? networks))
            _ranks.Add(rank, networks = new LinkedList<Network>());
        _ = networks.AddLast(network);
        return network;
    }

    private void LeaveNetwork(Address waiting)
    {
        Network network = waiting.Network;
        _ = network.Turns.Remove(waiting);
        if (network.Turns.Count > 0)
            return;
        _ = _networks.Remove((network.Rank, network.Key));
        LinkedList<Network> networks = _ranks[network.Rank];
        _ = networks.Remove(network);
        if (networks.Count == 0)
            _ = _ranks.Remove(network.Rank);
    }
}
