using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>An address that cannot be had: what the socket says names none.</summary>
internal static class ListenFailure
{
    /// <summary>The failure with the address that it is about.</summary>
    public static IOException Name(IPEndPoint endPoint, SocketException failure) => new($"cannot listen on {endPoint}: {failure.Message}", failure);
}
