using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Who may say on <c>presence/{clientId}</c> where a device is: the device itself, and the gateway below that has it. A gateway that the device has left says that it is gone when it comes to
/// know that, which may be hours later; to be believed then would show a device as offline that says once for each connection that it is there. Owned by the turn.
/// </summary>
internal sealed class TellersOfPresence(SessionTable sessions, GatewaysBelow gatewaysBelow)
{
    private const string Between = "/";

    /// <summary>A gateway below holds the Will of each of its devices by a connection of this Client Identifier.</summary>
    /// <param name="gateway">Its own.</param>
    /// <param name="device">The device's.</param>
    public static string IdOf(string gateway, string device) => gateway + Between + device;

    /// <summary>A client publishes on a topic of presence.</summary>
    /// <returns>False when the device is elsewhere, as is known here: what is said of it is of earlier days.</returns>
    public bool MaySay(Session publisher, in Publication publication)
    {
        if (publication.Route is not { IsBirth: false, Announces: { } device } || ReadOnline(publication.Payload) is not { } isOnline)
            return true;
        if (publisher.ClientId == device)
        {
            gatewaysBelow.CameHere(device); // it speaks on its own connection
            return true;
        }

        if (!publisher.IsBridge)
            return true;
        // Without RETAIN it may be one of a backlog that a later one has replaced, and says nothing of now.
        bool isConnected = sessions.Find(device) is { IsConnected: true };
        if (isOnline)
            return !publication.Retain || gatewaysBelow.TellsOnline(device, publisher, isConnected);
        return gatewaysBelow.TellsOffline(device, publisher.ClientId, isConnected, isItsWord: publication.Retain);
    }

    /// <summary>The Will of a client is about to be published.</summary>
    /// <returns>False when the device is elsewhere, or has been since.</returns>
    public bool MaySay(in ClientIdentity client, ClientRole? role, Route route, ReadOnlySpan<byte> payload)
    {
        if (route is not { IsBirth: false, Announces: { } device } || ReadOnline(payload) is not false)
            return true;
        if (client.ClientId == device)
            return !gatewaysBelow.IsOnlineBelow(device);
        int gateway = client.ClientId.Length - Between.Length - device.Length;
        bool isHeldForIt = role == ClientRole.Bridge && gateway > 0 && client.ClientId.EndsWith(Between + device, StringComparison.Ordinal);
        return !isHeldForIt || gatewaysBelow.TellsOffline(device, client.ClientId[..gateway], sessions.Find(device) is { IsConnected: true }, isItsWord: false);
    }

    private static bool? ReadOnline(ReadOnlySpan<byte> payload) => payload.SequenceEqual("true"u8) ? true : payload.SequenceEqual("false"u8) ? false : null;
}
