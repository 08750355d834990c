using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Security.Rights;

/// <summary>The rules of a role, filled in for one client when it is let in. Asking does not allocate.</summary>
internal sealed class ClientRights : IClientRights
{
    private static readonly string[] AlwaysSubscribe = ["+/p2p/%c", "$gw/receipt/%c"];
    private readonly Func<string, bool> _isCurrent;
    private readonly string _clientId;
    private readonly bool _isEverything;
    private readonly string[] _publish;
    private readonly string[] _subscribe;

    /// <param name="role">What its user may do.</param>
    /// <param name="names">For the placeholders.</param>
    /// <param name="isCurrent">Whether the client would still be let in like this; is given its Client Identifier, so that one will do for many.</param>
    public ClientRights(RoleRights role, ClientNames names, Func<string, bool> isCurrent)
    {
        _clientId = names.ClientId;
        _isCurrent = isCurrent;
        _isEverything = role.IsEverything;
        // Whoever may everything is asked for no rule: texts that nobody reads would be there for each client.
        _publish = _isEverything ? [] : Fill(role.Publish, names);
        _subscribe = _isEverything ? [] : Fill([.. role.Subscribe, .. AlwaysSubscribe], names);
    }

    public bool IsCurrent => _isCurrent(_clientId);

    public bool MayPublish(string topicName) => _isEverything || Matches(_publish, topicName);

    public bool MayReceive(string topicName) => _isEverything || Matches(_subscribe, topicName);

    public bool MaySubscribe(string topicFilter)
    {
        if (_isEverything)
            return true;
        foreach (string rule in _subscribe)
            if (FilterCover.Covers(rule, topicFilter))
                return true;
        return false;
    }

    private static bool Matches(string[] rules, string topicName)
    {
        foreach (string rule in rules)
            if (FilterCover.Matches(rule, topicName))
                return true;
        return false;
    }

    private static string[] Fill(List<string> rules, ClientNames names)
    {
        List<string> filled = [];
        foreach (string rule in rules)
            if (RuleText.TryFill(rule, names, out string? filter))
                filled.Add(filter);
        return [.. filled];
    }
}
