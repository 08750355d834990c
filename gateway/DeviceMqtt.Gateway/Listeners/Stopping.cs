using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>Kestrel's word to a connection that the server stops.</summary>
internal static class Stopping
{
    /// <summary>Cancelled when the connection is to end by itself; never where nobody says so.</summary>
    public static CancellationToken Of(ConnectionContext connection) => connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
}
