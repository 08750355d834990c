using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Whose bounds a client's address counts in.</summary>
internal static class AddressKey
{
    private const int HostBitsOf4 = 8; // a network is a /24, as most of those that are given to one site
    private const int HostBitsOf6 = 16; // of a /64 the /48 that it lies in: the most that one site gets (RFC 6177)
    private const int BitsOf4 = 32;

    /// <summary>The network that an address lies in, of IPv4 its /24, of IPv6 its /48: one that has many addresses has most of them there. 0 where nobody knows.</summary>
    public static ulong NetworkOf(EndPoint? remote) => NetworkOf(Of(remote));

    /// <inheritdoc cref="NetworkOf(EndPoint?)"/>
    /// <param name="address">What <see cref="Of"/> has said.</param>
    public static ulong NetworkOf(ulong address) => address >> BitsOf4 == 0 ? address >> HostBitsOf4 : address >> HostBitsOf6;

    /// <summary>Of IPv4 the address, of IPv6 the network: one machine has as many addresses in it as it likes (RFC 4291, 64 bits). 0 where nobody knows.</summary>
    public static ulong Of(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: { } address })
            return 0;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
