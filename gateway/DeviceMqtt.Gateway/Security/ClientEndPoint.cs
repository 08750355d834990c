using System.Net;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Where a client comes from, with what its connection has told of it before the CONNECT.</summary>
internal sealed class ClientEndPoint(IPAddress address, int port) : IPEndPoint(address, port)
{
    /// <summary>A proxy stands between, which says the address: such a client is never local, whatever the address is.</summary>
    public bool IsProxied { get; init; }

    /// <summary>The certificate that it has shown; null without one.</summary>
    public IShownCertificate? Certificate { get; init; }

    /// <summary>The same client, with its certificate.</summary>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="certificate">What it has shown.</param>
    public static EndPoint? With(EndPoint? remote, IShownCertificate certificate) =>
        remote is not IPEndPoint { Address: var address, Port: var port } ? remote
            : new ClientEndPoint(address, port) { IsProxied = remote is ClientEndPoint { IsProxied: true }, Certificate = certificate };
}
