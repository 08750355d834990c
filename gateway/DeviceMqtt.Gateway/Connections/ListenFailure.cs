using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Connections;

/// <summary>Kestrel says that an address cannot be had, but not which: an error of the socket names none.</summary>
internal static class ListenFailure
{
    /// <summary>The failure with the address that it is about.</summary>
    /// <param name="endPoints">Those that were to be listened on; nobody listens on any of them now.</param>
    /// <param name="failure">What the socket said.</param>
    public static IOException Name(IEnumerable<IPEndPoint> endPoints, SocketException failure)
    {
        IPEndPoint[] all = [.. endPoints];
        IPEndPoint[] refused = Array.FindAll(all, static endPoint => !CanBind(endPoint));
        return new IOException($"cannot listen on {string.Join<IPEndPoint>(", ", refused.Length > 0 ? refused : all)}: {failure.Message}", failure);
    }

    private static bool CanBind(IPEndPoint endPoint)
    {
        using Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false; // the answer
        }
    }
}
