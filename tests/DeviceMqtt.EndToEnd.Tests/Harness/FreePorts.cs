using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>Ports for programs that cannot be told "any": the kernel names one that is free now.</summary>
internal static class FreePorts
{
    public static int Take()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
