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

    public void ConnectionEnded(in ClientName client, CloseReason reason, string? detail)
    {
        EndPoint? stranger = clients.Ended(client.Connection, client.Name, reason, detail);
        Note(stranger is null ? client.Name : ClientBook.AddressOf(stranger), ClientBook.AddressOf(stranger), reason, Said(client) + detail);
        next.ConnectionEnded(client, reason, detail);
    }

    public void ConnectionFailed(Exception exception, in ClientName client) => next.ConnectionFailed(exception, client);

    public void WorkFailed(Exception exception, string work, int pauseMs) => next.WorkFailed(exception, work, pauseMs);

    public void BridgeNotAllowed(in ClientName client)
    {
        incidents.Add(IncidentKind.BridgeNotAllowed, client.ClientId ?? "");
        next.BridgeNotAllowed(client);
    }

    public void Dropped(in Drop drop)
    {
        if (KindOf(drop.Reason) is { } kind)
            incidents.Add(kind, IsOfGateway(kind) ? "" : drop.Owner.Name, detail: drop.Topic);
        next.Dropped(drop);
    }

    public void BridgeSubscriptionRefused(in ClientName client, string filter, int subscriptionsMax) => next.BridgeSubscriptionRefused(client, filter, subscriptionsMax);

    public void SubscriptionRefused(in ClientName client, string filter, ReasonCode code, string why)
    {
        incidents.Add(IncidentKind.SubscriptionRefused, client.Name, detail: $"{SafeText.Of(filter, FilterCharactersMax)}: {why}");
        next.SubscriptionRefused(client, filter, code, why);
    }

    public void ClientIdFought(in ClientName one, in ClientName other)
    {
        incidents.Add(IncidentKind.ClientIdFought, one.ClientId ?? "", $"{ClientBook.AddressOf(one.Remote)} and {ClientBook.AddressOf(other.Remote)}");
        next.ClientIdFought(one, other);
    }

    // Who a stranger says it is.
    private static string Said(in ClientName client) =>
        client is { IsLetIn: false, ClientId: { } clientId } ? client.UserName is { } user ? $"client '{clientId}', user '{SafeText.OfName(user)}': " : $"client '{clientId}': " : "";

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

    private const int FilterCharactersMax = 80; // chosen: the reason behind it has to fit an incident

    private const string HttpLetters = "GHPDO"; // GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS

    // About no client in particular: one sentence, and not one for each topic that found no room.
    private static bool IsOfGateway(IncidentKind kind) => kind is IncidentKind.RetainedFull or IncidentKind.JournalFull or IncidentKind.AllQueuesFull or IncidentKind.GatewayFault;

    /// <summary>What a drop is told as; null for one that happens where all is well (<see cref="Observability.DropWords.IsOrdinary"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">A reason that nobody has decided about.</exception>
    internal static IncidentKind? KindOf(DropReason reason) => reason switch
    {
        DropReason.SlowSubscriber or DropReason.SessionQueueFull => IncidentKind.QueueFull,
        DropReason.MailboxFull => IncidentKind.MailboxFull,
        DropReason.NotAllowed or DropReason.ReservedTopic => IncidentKind.NotAllowed,
        DropReason.P2PNotAllowed => IncidentKind.P2PNotAllowed,
        DropReason.SenderForged => IncidentKind.SenderForged,
        DropReason.P2PTargetUnknown => IncidentKind.TargetUnknown,
        DropReason.RelayFull => IncidentKind.UpstreamDropped,
        DropReason.AsideFull => IncidentKind.AsideFull,
        DropReason.LargerThanUpstreamAccepts or DropReason.TopicNotForUpstream or DropReason.UpstreamRefused => IncidentKind.UpstreamRefused,
        DropReason.RetainedFull => IncidentKind.RetainedFull,
        DropReason.JournalFull => IncidentKind.JournalFull,
        DropReason.AllQueuesFull => IncidentKind.AllQueuesFull,
        DropReason.Damaged => IncidentKind.Damaged,
        DropReason.LargerThanClientAccepts => IncidentKind.LargerThanClient,
        DropReason.ClientRefused => IncidentKind.ClientRefused,
        DropReason.LargerThanJournal => IncidentKind.LargerThanJournal,
        DropReason.GatewayFault => IncidentKind.GatewayFault,
        DropReason.LargerThanGatewayAccepts => IncidentKind.LargerThanGateway,
        DropReason.Expired or DropReason.SessionEnded or DropReason.P2PTargetAbsent or DropReason.UpstreamAway or DropReason.NotAskedFor or DropReason.CameBack
            or DropReason.DroppedByOperator or DropReason.NotDurable or DropReason.UserGone or DropReason.Restored or DropReason.DeviceElsewhere => null,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "a reason that is neither told nor ordinary"),
    };
}
