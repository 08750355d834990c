using System.Net;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Where a client comes from, with what its connection has told of it before the CONNECT.</summary>
internal sealed class ClientEndPoint(IPAddress address, int port) : IPEndPoint(address, port)
{
    /// <summary>A proxy stands between, which says the address: such a client is never local, whatever the address is.</summary>
    public bool IsProxied { get; init; }

    /// <summary>The user that its certificate stands for; null without one.</summary>
    public string? CertificateUser { get; init; }

    /// <summary>The same client, with what its certificate says.</summary>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="user">The user that its certificate stands for; null for none.</param>
    public static EndPoint? With(EndPoint? remote, string? user) =>
        user is null || remote is not IPEndPoint { Address: var address, Port: var port } ? remote
            : new ClientEndPoint(address, port) { IsProxied = remote is ClientEndPoint { IsProxied: true }, CertificateUser = user };
}
