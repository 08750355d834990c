using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// Ports for programs that cannot be told "any". Below those that Linux (32768 and up), Windows and macOS (49152 and up) give
/// to outgoing connections, one of which would take the port of a program that is down for a moment.
/// </summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int Behind = 32_000;
    private static readonly Lock TakenLock = new();
    private static readonly HashSet<int> Taken = [];

    /// <summary>One that nobody listens on now, and that no other test here was given.</summary>
    public static int Take()
    {
        while (true)
        {
            int port = Random.Shared.Next(First, Behind);
            lock (TakenLock)
            {
                if (IsFree(port) && Taken.Add(port))
                    return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
