using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Whose bounds a client's address counts in.</summary>
internal static class AddressKey
{
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
