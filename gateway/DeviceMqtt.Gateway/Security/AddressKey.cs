using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Whose bounds a client's address counts in.</summary>
internal static class AddressKey
{
    private const int HostBitsOf4 = 8; // a network is a /24, as most of those that are given to one site
    private const int HostBitsOfSite = 80; // of a /64 the /48 that it lies in: the most that one site gets (RFC 6177)
    private const int HostBitsOfHouse = 64; // of a neighbour the /64, in which it has as many addresses as it likes

    /// <summary>The network that an address lies in, of IPv4 its /24, of IPv6 its /48, and of a neighbour its /64: one that has many addresses has most of them there. 0 where nobody knows.</summary>
    public static UInt128 NetworkOf(EndPoint? remote) => NetworkOf(Of(remote));

    /// <inheritdoc cref="NetworkOf(EndPoint?)"/>
    /// <param name="address">What <see cref="Of"/> has said.</param>
    public static UInt128 NetworkOf(UInt128 address) =>
        address <= uint.MaxValue ? address >> HostBitsOf4 : IsNeighbour(address) ? address >> HostBitsOfHouse : address >> HostBitsOfSite;

    /// <summary>It is one address of a network that this machine is in: others there are no part of it.</summary>
    /// <param name="address">What <see cref="Of"/> has said.</param>
    public static bool IsNeighbour(UInt128 address) => address > uint.MaxValue && (ulong)address != 0;

    /// <summary>
    /// Of IPv4 the address. Of IPv6 the /64 network, for one machine has as many addresses in it as it likes (RFC 4291); in the networks that this machine is in itself the whole address, for there it
    /// is all the neighbours (<see cref="HouseNetworks"/>). 0 where nobody knows.
    /// </summary>
    public static UInt128 Of(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: { } address })
            return 0;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out _);
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return BinaryPrimitives.ReadUInt32BigEndian(bytes);
        UInt128 whole = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return HouseNetworks.Contain(address) ? whole : whole >> HostBitsOfHouse << HostBitsOfHouse;
    }
}
