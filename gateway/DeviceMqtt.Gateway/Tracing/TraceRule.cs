using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tracing;

/// <summary>Messages that somebody asks to keep for longer: those of a client, from it or to it by name, or those of a filter. Owned by the turn.</summary>
/// <param name="clientId">Client Identifier; null for any.</param>
/// <param name="filter">Topic Filter; null for any.</param>
/// <param name="text">As it was asked for.</param>
/// <param name="endsMs">Monotonic milliseconds at which nothing more is kept by it; what is kept stays.</param>
internal sealed class TraceRule(string? clientId, TopicFilter? filter, string text, long endsMs)
{
    private Route? _lastRoute;
    private bool _lastMatches;

    public string Text => text;

    public bool IsClient => clientId is not null;

    public long EndsMs { get; set; } = endsMs;

    public bool Wants(in Publication publication)
    {
        if (clientId is not null)
            return publication.Publisher?.ClientId == clientId || publication.Route.P2PTarget == clientId;
        // The topic is one already: it was parsed on its way in.
        if (!ReferenceEquals(_lastRoute, publication.Route))
        {
            _lastRoute = publication.Route;
            _lastMatches = TopicName.TryParse(publication.Route.Topic, out TopicName name, out _) && filter!.Value.Matches(name);
        }

        return _lastMatches;
    }
}
