using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Broker.Words;

/// <summary>
/// The IPv6 networks that this machine is in itself. Elsewhere a /64 is one site, and one machine has as many addresses in it as it likes (RFC 4291). Here it is the whole house: each address is
/// a neighbour of its own. Link-local (fe80::/10) and unique local addresses (fc00::/7) always are. Safe from any thread.
/// </summary>
internal static class HouseNetworks
{
    private const int PrefixBits = 64;
    private static volatile HashSet<ulong> _onLink = [];

    /// <summary>The machine has these addresses now.</summary>
    public static void Are(List<(IPAddress Address, int PrefixLength)> own) => _onLink = Of(own);

    /// <summary>An address of a network that this machine is in.</summary>
    /// <param name="address">IPv6.</param>
    public static bool Contain(IPAddress address) => Contain(address, _onLink);

    /// <inheritdoc cref="Contain(IPAddress)"/>
    /// <param name="address">IPv6.</param>
    /// <param name="onLink">What <see cref="Of"/> has said.</param>
    public static bool Contain(IPAddress address, HashSet<ulong> onLink) =>
        address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || onLink.Contains(PrefixOf(address));

    /// <summary>The /64 networks of addresses of this machine. One with a longer prefix, as that of a tunnel or a rented server has, shares its /64 with strangers.</summary>
    public static HashSet<ulong> Of(List<(IPAddress Address, int PrefixLength)> own)
    {
        HashSet<ulong> networks = [];
        foreach ((IPAddress address, int prefixLength) in own)
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6 && prefixLength == PrefixBits && !IPAddress.IsLoopback(address))
                _ = networks.Add(PrefixOf(address));
        }

        return networks;
    }

    private static ulong PrefixOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
