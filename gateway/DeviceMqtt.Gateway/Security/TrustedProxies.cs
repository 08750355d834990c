using System.Net;

namespace DeviceMqtt.Gateway.Security;

/// <summary>The proxies that are believed when they say for whom they connect: <c>Security:TrustedProxies</c>, addresses and networks.</summary>
internal sealed class TrustedProxies
{
    private readonly List<IPNetwork> _networks = [];

    /// <param name="options">Those that <see cref="Check"/> has nothing against.</param>
    public TrustedProxies(SecurityOptions options)
    {
        foreach (string text in options.TrustedProxies)
            if (TryParse(text, out IPNetwork network))
                _networks.Add(network);
    }

    /// <summary>As the settings have them.</summary>
    public IReadOnlyList<IPNetwork> Networks => _networks;

    /// <summary>Whether a connection comes from one of them.</summary>
    public bool Contains(EndPoint? remote)
    {
        if (_networks.Count == 0 || remote is not IPEndPoint { Address: { } address })
            return false;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        foreach (IPNetwork network in _networks)
            if (network.Contains(address))
                return true;
        return false;
    }

    /// <summary>What is wrong in the settings, as a sentence; null when nothing is.</summary>
    public static string? Check(SecurityOptions options)
    {
        for (int i = 0; i < options.TrustedProxies.Count; i++)
            if (!TryParse(options.TrustedProxies[i], out _))
                return $"Security:TrustedProxies:{i} is '{options.TrustedProxies[i]}'; it must be an address or a network, like 127.0.0.1 or 10.0.0.0/8 (with zeros behind the prefix)";
        return null;
    }

    private static bool TryParse(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }
}
