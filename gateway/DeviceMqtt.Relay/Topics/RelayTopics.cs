using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Mapping;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Relay.Topics;

/// <summary>
/// Which topics go upstream and what they are called there.
/// <list type="bullet">
/// <item>Ordinary topics: as the first rule says that matches (<see cref="RelayRules"/>).</item>
/// <item>P2P topics keep their name: <c>p2p</c> has to stay the second level.</item>
/// </list>
/// Owned by the turn: what was found for a topic is remembered.
/// </summary>
internal sealed class RelayTopics
{
    /// <summary>Copies that are of use at once. Chosen: reloads while one backlog waits.</summary>
    internal const int CopiesMax = 16;

    // Together they remember as much as the one that counts.
    private const int KnownByCopyMax = RelayOptions.TopicsKnownMax / CopiesMax;

    private readonly Dictionary<string, (RelayRoute? Route, bool IsUnsuitable)> _known = new(StringComparer.Ordinal);
    private readonly int _knownMax = RelayOptions.TopicsKnownMax;
    private readonly RelayOptions _options;
    private RelayRules _rules;
    private readonly UpstreamProfile _profile;

    /// <param name="options">Checked before.</param>
    public RelayTopics(RelayOptions options)
    {
        _options = options;
        _rules = RelayRules.Of(options.Rules, options.Out, options.Prefix, options.ClientId);
        _profile = UpstreamProfile.Find(options.Profile)!;
    }

    private RelayTopics(RelayTopics other)
    {
        _knownMax = KnownByCopyMax;
        _options = other._options;
        _rules = other._rules;
        _profile = other._profile;
    }

    /// <summary>The same, which stays as it is when the rules change.</summary>
    public RelayTopics AsTheyAre() => new(this);

    /// <summary>The settings' rules are others now: what was found for a topic is found anew. What waits already goes as they say, too, but in its class of before.</summary>
    public void RulesChanged()
    {
        _rules = RelayRules.Of(_options.Rules, _options.Out, _options.Prefix, _options.ClientId);
        _known.Clear();
    }

    /// <summary>A rule sends QoS 2 messages up as such.</summary>
    public bool HasExactlyOnce => _rules.Out.Exists(static r => r.Rule.QoSMax == QoS.ExactlyOnce);

    /// <summary>Rules for what comes from the upstream.</summary>
    public IReadOnlyList<(RelayRule Rule, TopicMapping Mapping)> In => _rules.In;

    /// <summary>There are such rules.</summary>
    public bool HasIn => _rules.In.Count > 0;

    /// <summary>Called with a topic that a rule sends up and the upstream could not take.</summary>
    public Action<string>? Unsuitable { get; set; }

    /// <summary>Whether messages of an ordinary topic go upstream.</summary>
    public bool Wants(string topic) => !P2PTopic.TryParse(topic, out _, out _) && Find(topic) is not null;

    /// <summary>How the messages of a topic go upstream; null when they do not.</summary>
    public RelayRoute? Find(string topic) => Look(topic).Route;

    /// <summary>A rule sends the topic up, and the upstream cannot take it.</summary>
    public bool IsUnsuitable(string topic) => Look(topic).IsUnsuitable;

    /// <summary>A topic of the upstream, as it is called here, with what the rules have made of it.</summary>
    public string ToHere(string topic) => _profile.ToHere(topic);

    /// <summary>The upstream calls topics otherwise than this side, beyond the rules.</summary>
    public bool IsRenamed => _profile.GroupSeparator is not null;

    /// <summary>Whether a topic of the upstream is how one of this side is called there.</summary>
    public bool IsNameOfOurs(string there) => _profile.IsNameOfOurs(there);

    /// <summary>Whether topics with a Client Identifier can be carried there and back.</summary>
    public bool Reaches(string clientId) => _profile.CarriesBothWays(P2PTopic.Build("+", clientId));

    private (RelayRoute? Route, bool IsUnsuitable) Look(string topic)
    {
        if (_known.TryGetValue(topic, out (RelayRoute? Route, bool IsUnsuitable) known))
            return known;
        // As in the cache of routes: those in use are back within milliseconds.
        if (_known.Count >= _knownMax)
            _known.Clear();
        bool isUnsuitable = false;
        RelayRoute? found = P2PTopic.TryParse(topic, out _, out _) ? OfP2P(topic, ref isUnsuitable) : OfRule(topic, ref isUnsuitable);
        _known.Add(topic, (found, isUnsuitable));
        return (found, isUnsuitable);
    }

    /// <summary>
    /// How a message goes upstream that is to go there in any case. A backlog may have messages for which no rule is left
    /// after a restart: their publishers were promised that they go.
    /// </summary>
    public RelayRoute RouteOf(Message message) =>
        Find(message.Topic) ?? Make(ToUpstream(message.Topic), message.Topic, new RelayRule { Filter = "#" });

    /// <summary>The class in which the messages of a topic go, also one for which no rule is left.</summary>
    public RelayClass ClassOf(string topic) => Find(topic)?.Class ?? RelayClass.Normal;

    /// <summary>The name of a topic of the gateway's own upstream.</summary>
    public string ToUpstream(string topic) => _profile.ToThere(_options.Prefix.Replace("{gateway}", _options.ClientId, StringComparison.Ordinal) + topic);

    /// <summary>What the gateway subscribes to upstream for one device.</summary>
    public string P2PFilter(string clientId) => _profile.ToThere(P2PTopic.Build("+", clientId));

    /// <summary>What the gateway subscribes to upstream for all devices.</summary>
    public string P2PFilterOfGateway => _profile.ToThere(P2PTopic.Build(_options.ClientId, "+"));

    private RelayRoute? OfP2P(string topic, ref bool isUnsuitable)
    {
        if (_profile.CarriesBothWays(topic))
            return Make(_profile.ToThere(topic), topic, new RelayRule { Filter = "#", MaxQoS = 1, Class = RelayClass.High }, IsAskedFor(topic));
        isUnsuitable = true;
        Unsuitable?.Invoke(topic);
        return null;
    }

    // Of a device here to an application there: the subscription for all devices has it as well.
    private bool IsAskedFor(string p2pTopic) => _options is { P2P: true, HasOneForAll: true } && p2pTopic.StartsWith(P2PTopic.Build(_options.ClientId, ""), StringComparison.Ordinal);

    private RelayRoute? OfRule(string topic, ref bool isUnsuitable)
    {
        foreach ((RelayRule rule, TopicMapping mapping) in _rules.Out)
        {
            if (mapping.Map(topic) is not { } mapped)
                continue;
            string there = _profile.ToThere(mapped);
            // A rule must not turn an ordinary topic into a command for somebody, nor outgrow what the upstream takes. And what is another's name there is not this one's.
            if (_profile.MeansTheSame(topic) && !P2PTopic.TryParse(there, out _, out _) && TopicName.TryParse(there, out _, out _) && _profile.Carries(there))
                return Make(there, topic, rule);
            isUnsuitable = true;
            Unsuitable?.Invoke(topic);
            return null;
        }

        return null;
    }

    private RelayRoute Make(string there, string here, RelayRule rule, bool? comesBack = null) => new(
        there,
        Encoding.UTF8.GetBytes(there),
        rule.QoSMax < _profile.QoSMax ? rule.QoSMax : _profile.QoSMax,
        rule.Retain && _profile.HasRetain,
        rule.BufferQoS0 ?? _options.BufferQoS0,
        rule.MaxAgeSeconds == 0 ? long.MaxValue : rule.MaxAgeSeconds * 1000L,
        rule.Class,
        comesBack ?? _rules.In.Exists(r => r.Mapping.Map(there) is not null),
        DeviceTopic.Parse(here) is { Kind: DeviceTopicKind.Telemetry or DeviceTopicKind.Event } topic ? topic.Device : null);
}
