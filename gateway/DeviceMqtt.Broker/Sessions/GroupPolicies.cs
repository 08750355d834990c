using System.IO.Enumeration;

namespace DeviceMqtt.Broker.Sessions;

/// <summary>The policies of all groups, in the order of the settings.</summary>
internal sealed class GroupPolicies(IReadOnlyList<GroupPolicy> policies)
{
    private static readonly GroupPolicy None = new();

    /// <summary>The first policy whose pattern matches; one that asks for nothing when none does.</summary>
    public GroupPolicy Find(string clientId) => FindWithIndex(clientId).Policy;

    /// <summary>The same, with its place in the settings; -1 when none matches.</summary>
    public (GroupPolicy Policy, int Index) FindWithIndex(string clientId)
    {
        for (int i = 0; i < policies.Count; i++)
            if (FileSystemName.MatchesSimpleExpression(policies[i].Match, clientId, ignoreCase: false))
                return (policies[i], i);
        return (None, -1);
    }

    /// <summary>What is wrong in the settings, as a sentence; null when nothing is.</summary>
    public string? Check()
    {
        for (int i = 0; i < policies.Count; i++)
            if (policies[i].Check(i) is { } wrong)
                return wrong;
        return null;
    }
}
