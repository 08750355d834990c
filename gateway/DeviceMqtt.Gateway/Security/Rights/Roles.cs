using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Security.Rights;

/// <summary>The roles that there are without a setting. One of the same name in the settings takes the place of it, and stays what the broker knows it as.</summary>
internal static class Roles
{
    public const string Device = "device";
    public const string Operator = "operator";
    public const string Bridge = "bridge";
    public const string Monitor = "monitor";

    /// <summary>By name; case does not count.</summary>
    public static IReadOnlyDictionary<string, RoleRights> BuiltIn { get; } = new Dictionary<string, RoleRights>(StringComparer.OrdinalIgnoreCase)
    {
        [Device] = new()
        {
            Kind = ClientRole.Device,
            Publish = ["dm/%d/#", "presence/%c", "+/p2p/+"],
            Subscribe = ["dm/%d/#", "presence/%c", "$gw/presence/%c"],
        },
        [Operator] = new() { Kind = ClientRole.Operator, IsEverything = true },
        [Bridge] = new() { Kind = ClientRole.Bridge, IsEverything = true },
        [Monitor] = new() { Kind = ClientRole.Monitor, Subscribe = ["#", "$SYS/#", "$gw/presence/#", "$gw/event/#"] },
    };

    /// <summary>The roles of the settings before those of the file, and those before the gateway's own.</summary>
    public static RoleRights? Find(string name, IReadOnlyDictionary<string, RoleRights> settings, IReadOnlyDictionary<string, RoleRights> file)
    {
        RoleRights? builtIn = BuiltIn.GetValueOrDefault(name);
        if (!settings.TryGetValue(name, out RoleRights? own) && !file.TryGetValue(name, out own))
            return builtIn;
        return builtIn is null ? own : new RoleRights { Kind = builtIn.Kind, Publish = own.Publish, Subscribe = own.Subscribe, Commands = own.Commands };
    }
}
