using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>What the broker tells of its connections, noted for the console, and then told to the log. Owned by the turn.</summary>
internal sealed class WatchEvents(IBrokerEvents next, ClientBook clients, IncidentBook incidents) : IBrokerEvents
{
    public void ConnectionOpened(long connection, EndPoint? remote)
    {
        clients.Opened(connection, remote);
        next.ConnectionOpened(connection, remote);
    }

    public void ClientConnected(long connection, string clientId, ProtocolVersion version, bool sessionPresent, int keepAliveSeconds)
    {
        clients.Connected(connection, clientId);
        next.ClientConnected(connection, clientId, version, sessionPresent, keepAliveSeconds);
    }

    public void ClientLetIn(long connection, string clientId, string? userName, ClientRole role, EndPoint? remote) => next.ClientLetIn(connection, clientId, userName, role, remote);

    public void ConnectionEnded(long connection, string name, CloseReason reason, string? detail)
    {
        EndPoint? stranger = clients.Ended(connection, name, reason, detail);
        Note(stranger is null ? name : ClientBook.AddressOf(stranger), ClientBook.AddressOf(stranger), reason, detail ?? "");
        next.ConnectionEnded(connection, name, reason, detail);
    }

    public void ConnectionFailed(Exception exception, long connection, string name) => next.ConnectionFailed(exception, connection, name);

    public void BridgeNotAllowed(string clientId)
    {
        incidents.Add(IncidentKind.BridgeNotAllowed, clientId);
        next.BridgeNotAllowed(clientId);
    }

    public void Dropped(in Drop drop)
    {
        if (KindOf(drop.Reason) is { } kind)
            incidents.Add(kind, drop.Owner.Name, detail: drop.Topic);
        next.Dropped(drop);
    }

    public void BridgeSubscriptionRefused(string clientId, string filter, int subscriptionsMax) => next.BridgeSubscriptionRefused(clientId, filter, subscriptionsMax);

    public void ClientIdFought(string clientId, EndPoint? one, EndPoint? other)
    {
        incidents.Add(IncidentKind.ClientIdFought, clientId, $"{ClientBook.AddressOf(one)} and {ClientBook.AddressOf(other)}");
        next.ClientIdFought(clientId, one, other);
    }

    private void Note(string subject, string address, CloseReason reason, string detail)
    {
        IncidentKind? kind = reason switch
        {
            CloseReason.KeepAliveTimeout => IncidentKind.KeepAliveTimeout,
            CloseReason.NotAuthorized => IncidentKind.NotAuthorized,
            CloseReason.ClientIdRejected => IncidentKind.ClientIdRejected,
            CloseReason.OutputStalled => IncidentKind.OutputStalled,
            CloseReason.ConnectTimeout => IncidentKind.NoConnect,
            CloseReason.MalformedPacket or CloseReason.ProtocolError or CloseReason.PacketTooLarge => KindOfBadBytes(address, reason, detail),
            _ => null,
        };
        if (kind is { } noted)
            incidents.Add(noted, subject, address, detail);
    }

    // What a stranger's first byte was is in the words of ConnectionLoop: 0x16 begins a TLS handshake (RFC 8446, section 5.1), a capital letter
    // the method of an HTTP request.
    private static IncidentKind KindOfBadBytes(string address, CloseReason reason, string detail)
    {
        if (address.Length == 0)
            return IncidentKind.BadPacket;
        if (reason == CloseReason.MalformedPacket)
            return IncidentKind.MalformedConnect;
        if (detail.StartsWith("the first byte is 0x16", StringComparison.Ordinal))
            return IncidentKind.TlsOnPlainPort;
        bool isLetter = HttpLetters.Any(letter => detail.StartsWith($"the first byte is 0x{(int)letter:X2}", StringComparison.Ordinal));
        return isLetter ? IncidentKind.HttpOnMqttPort : IncidentKind.BadPacket;
    }

    private const string HttpLetters = "GHPDO"; // GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS

    private static IncidentKind? KindOf(DropReason reason) => reason switch
    {
        DropReason.SlowSubscriber or DropReason.SessionQueueFull => IncidentKind.QueueFull,
        DropReason.MailboxFull => IncidentKind.MailboxFull,
        DropReason.NotAllowed or DropReason.ReservedTopic => IncidentKind.NotAllowed,
        DropReason.P2PNotAllowed => IncidentKind.P2PNotAllowed,
        DropReason.SenderForged => IncidentKind.SenderForged,
        DropReason.P2PTargetUnknown => IncidentKind.TargetUnknown,
        DropReason.RelayFull or DropReason.AsideFull or DropReason.LargerThanUpstreamAccepts or DropReason.TopicNotForUpstream => IncidentKind.UpstreamDropped,
        DropReason.RetainedFull => IncidentKind.RetainedFull,
        DropReason.JournalFull => IncidentKind.JournalFull,
        _ => null,
    };
}
