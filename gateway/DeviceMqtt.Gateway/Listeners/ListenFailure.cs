using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>An address that cannot be had: what the socket says names none.</summary>
internal static class ListenFailure
{
    /// <summary>The failure with the address that it is about, or those that it may be about.</summary>
    public static IOException Name(SocketException failure, params IEnumerable<IPEndPoint> endPoints) => new($"cannot listen on {string.Join(" or ", endPoints)}: {failure.Message}", failure);
}
