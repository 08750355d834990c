using System.Net;
using System.Net.NetworkInformation;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Which networks the interfaces of this machine are in.</summary>
internal static class OwnNetworks
{
    /// <summary>Looks, and says it to <see cref="HouseNetworks"/>. Takes milliseconds: not inside a turn.</summary>
    public static void Look()
    {
        try
        {
            // Loops: what LINQ makes of them would be compiled at each start.
            List<(IPAddress Address, int PrefixLength)> own = [];
            foreach (NetworkInterface one in NetworkInterface.GetAllNetworkInterfaces())
                foreach (UnicastIPAddressInformation each in one.GetIPProperties().UnicastAddresses)
                    own.Add((each.Address, each.PrefixLength));
            HouseNetworks.Are(own);
        }
        catch (Exception exception) when (exception is NetworkInformationException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            // Interfaces come and go while they are read. What was seen the last time holds, and what always is a house's.
        }
    }
}
