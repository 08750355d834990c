using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Provisioning;

/// <summary>An address by which boards on the local network find this machine: names that end in .local they may not be able to resolve.</summary>
internal static class HostAddress
{
    /// <summary>The first IPv4 address of an interface that has a gateway, else of any: a network without a router is one, too. Null if this machine is on no network.</summary>
    public static string? Find() => Choose(NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .Select(network => network.GetIPProperties())
        .SelectMany(properties => properties.UnicastAddresses.Select(unicast => (unicast.Address, HasGateway: properties.GatewayAddresses.Count > 0))))?.ToString();

    /// <summary>Which of the addresses of a machine boards are told.</summary>
    /// <param name="addresses">In the order of the system; with whether their interface has a gateway.</param>
    internal static IPAddress? Choose(IEnumerable<(IPAddress Address, bool HasGateway)> addresses) => addresses
        .Where(one => one.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(one.Address))
        .OrderByDescending(one => one.HasGateway)
        .ThenBy(one => IsOfNobody(one.Address))
        .FirstOrDefault().Address;

    // Given by nobody, but taken by the machine itself (RFC 3927): it changes.
    private static bool IsOfNobody(IPAddress address) => address.GetAddressBytes() is [169, 254, ..];
}
