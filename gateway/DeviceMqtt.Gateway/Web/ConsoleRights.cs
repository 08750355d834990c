using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Rights;

namespace DeviceMqtt.Gateway.Web;

/// <summary>What the role of a user lets it do in the console. There is one list of users and of roles, for MQTT and for the console.</summary>
internal static class ConsoleRights
{
    private const string Everything = "#";

    /// <summary>
    /// The role <c>operator</c> may do everything, as over MQTT; <c>monitor</c> may look. One that the settings have made narrower does not get more here
    /// than there: an operator without all topics only looks, and who may not have all topics does not get in.
    /// </summary>
    /// <returns>Null for a role that has no business in the console: <c>device</c>, <c>bridge</c>, one of your own.</returns>
    public static ConsoleRole? Of(RoleRights? role) => role switch
    {
        { Kind: ClientRole.Operator, IsEverything: true } => ConsoleRole.Operator,
        { Kind: ClientRole.Operator or ClientRole.Monitor } when role.Subscribe.Contains(Everything) => ConsoleRole.Monitor,
        _ => null,
    };
}
