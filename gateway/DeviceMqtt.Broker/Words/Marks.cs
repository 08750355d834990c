using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Words;

/// <summary>User properties by which our gateways know each other in 5.0: all have one name.</summary>
internal static class Marks
{
    public const string Name = "devicemqtt";

    public static bool Has(IReadOnlyList<UserProperty> properties, UserProperty mark)
    {
        for (int i = 0; i < properties.Count; i++)
            if (properties[i] == mark)
                return true;
        return false;
    }
}
