using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Security.Rights;

/// <summary>
/// What stands for a placeholder of a rule. A name that could widen a rule or lead elsewhere stands for none: one with <c>+</c>, <c>#</c>,
/// <c>/</c> or a control character, one that begins with <c>$</c>, the word <c>p2p</c>, an empty one.
/// </summary>
/// <param name="clientId">The Client Identifier: <c>%c</c>; its group, <c>GID_home</c> of <c>GID_home@@@kitchen</c>: <c>%g</c>; what is behind the group, or all of it: <c>%d</c>.</param>
/// <param name="userName">The user: <c>%u</c>; null for none.</param>
internal sealed class ClientNames(string clientId, string? userName)
{
    /// <summary>The letters behind <c>%</c>.</summary>
    public const string Letters = "cudg";

    /// <summary>The Client Identifier, as it is.</summary>
    public string ClientId => clientId;

    /// <summary>What <c>%d</c> stands for, usable or not: what is behind the group, or all of it.</summary>
    public static string DeviceOf(string clientId) => Wire.ClientId.TrySplitGroup(clientId, out _, out string device) ? device : clientId;

    private readonly string? _client = Usable(clientId);
    private readonly string? _user = Usable(userName);
    private readonly string? _group = Wire.ClientId.TrySplitGroup(clientId, out string group, out _) ? Usable(group) : null;
    private readonly string? _device = Usable(DeviceOf(clientId));

    /// <returns>Null when the rule does not hold for this client.</returns>
    public string? For(char letter) => letter switch
    {
        'c' => _client,
        'u' => _user,
        'g' => _group,
        'd' => _device,
        _ => null,
    };

    private static string? Usable(string? name) =>
        string.IsNullOrEmpty(name) || name is ['$', ..] or P2PTopic.Level || name.AsSpan().IndexOfAny('+', '#', '/') >= 0 || HasControl(name) ? null : name;

    // A loop, with each CONNECT: over a text LINQ makes an object, and two calls for each character.
    private static bool HasControl(string name)
    {
        foreach (char letter in name)
        {
            if (char.IsControl(letter))
                return true;
        }

        return false;
    }
}
