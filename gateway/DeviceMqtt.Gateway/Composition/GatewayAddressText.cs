using System.Globalization;
using System.Net;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>Where the gateway is reached, in words, for those who read of a device that is here.</summary>
internal static class GatewayAddressText
{
    /// <summary>The first address that others can use; the name of the machine where it listens on all of them.</summary>
    /// <param name="listening">Where MQTT is listened for.</param>
    public static string Of(IEnumerable<IPEndPoint> listening)
    {
        IPEndPoint? best = null;
        foreach (IPEndPoint each in listening)
            if (each.Port != 0 && (best is null || (IPAddress.IsLoopback(best.Address) && !IPAddress.IsLoopback(each.Address))))
                best = each;
        if (best is null)
            return "";
        bool isEvery = best.Address.Equals(IPAddress.Any) || best.Address.Equals(IPAddress.IPv6Any);
        return isEvery ? $"{Environment.MachineName}:{best.Port.ToString(CultureInfo.InvariantCulture)}" : best.ToString();
    }
}
