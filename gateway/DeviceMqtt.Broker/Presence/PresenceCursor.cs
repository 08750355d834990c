using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Retained;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Presence;

/// <summary>
/// The presence of every client that a new subscription matches, made as it is delivered: it is the truth of that moment, and what
/// changes later comes by itself. Takes memory for the walk when it begins. Owned by the turn.
/// </summary>
internal sealed class PresenceCursor : IRetainedWalk
{
    private const string Root = "$gw/presence/";
    private readonly PresenceBook _book;
    private string[]? _clients;
    private int _next;

    // Null stands for all clients: those that are known when the walk begins.
    private PresenceCursor(PresenceBook book, Subscription subscription, string[]? clients)
    {
        _book = book;
        Subscription = subscription;
        _clients = clients;
    }

    public Subscription Subscription { get; }

    /// <inheritdoc/>
    public Message? Found { get; private set; }

    /// <summary>Null when the subscription asks for no presence.</summary>
    public static PresenceCursor? Open(PresenceBook book, Subscription subscription)
    {
        string filter = subscription.Filter.Match;
        if (!filter.StartsWith("$gw/", StringComparison.Ordinal))
            return null;
        if (PresenceTopic.TryParseGateway(filter, out string clientId) && clientId is not ("+" or "#"))
            return new PresenceCursor(book, subscription, [clientId]);
        bool isForAll = TopicFilter.TryParse(filter, out TopicFilter parsed, out _) && TopicName.TryParse(Root + "x", out TopicName any, out _) && parsed.Matches(any);
        return isForAll ? new PresenceCursor(book, subscription, null) : null;
    }

    /// <inheritdoc/>
    public bool Step(long nowMs)
    {
        _clients ??= [.. _book.Clients];
        if (Found is { } found)
        {
            // It waited for its turn: what has changed since has gone by itself, and what was before must not come behind it.
            byte[]? now = _book.PayloadOf(_clients[_next - 1]);
            if (now is null || !found.Payload.AsSpan().SequenceEqual(now))
                Found = now is null ? null : Make(_clients[_next - 1], now, nowMs);
            return true;
        }

        if (_next == _clients.Length)
            return false;
        string clientId = _clients[_next++];
        if (_book.PayloadOf(clientId) is { } payload)
            Found = Make(clientId, payload, nowMs);
        return true;
    }

    private static Message Make(string clientId, byte[] payload, long nowMs)
    {
        string topic = Root + clientId;
        return new Message()
        {
            Topic = topic,
            TopicUtf8 = Encoding.UTF8.GetBytes(topic),
            Payload = payload,
            QoS = QoS.AtLeastOnce,
            Retain = true,
            Origin = Origin.Gateway,
            AcceptedMs = nowMs,
        };
    }

    /// <inheritdoc/>
    public void Taken(bool isRemembered) => Found = null;
}
