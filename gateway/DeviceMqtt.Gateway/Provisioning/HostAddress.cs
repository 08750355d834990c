using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Provisioning;

/// <summary>An address by which boards on the local network find this machine: names that end in .local they may not be able to resolve.</summary>
internal static class HostAddress
{
    /// <summary>The first IPv4 address of an interface that has a gateway; null if this machine is on no network.</summary>
    public static string? Find() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .Select(network => network.GetIPProperties())
        .Where(properties => properties.GatewayAddresses.Count > 0)
        .SelectMany(properties => properties.UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork)?.ToString();
}
