using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Certificates;

/// <summary>By what boards and people find this machine: its names and addresses.</summary>
internal static class MachineNames
{
    /// <summary>Its name, the same in <c>.local</c> (mDNS), and <c>localhost</c>.</summary>
    public static IReadOnlyList<string> Names()
    {
        string name = Environment.MachineName.ToLowerInvariant();
        string[] all = name.Contains('.', StringComparison.Ordinal) ? [name, "localhost"] : [name, name + ".local", "localhost"];
        return [.. all.Where(IsName)];
    }

    /// <summary>Those of its networks, without the ones that are good on one cable only, and the loopback.</summary>
    public static IReadOnlyList<IPAddress> Addresses() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(static network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(static network => network.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .Where(static address => address.AddressFamily == AddressFamily.InterNetwork || !address.IsIPv6LinkLocal)
            .Distinct(),
        IPAddress.Loopback,
        IPAddress.IPv6Loopback,
    ];

    /// <summary>A name as certificates have it: letters, digits and hyphens, dots between (RFC 1123 section 2.1).</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 253 && text.Split('.').All(static label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'));
}
