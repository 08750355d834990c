namespace DeviceMqtt.Broker.Words;

/// <summary>What a message was dropped for, or because of: the name that an operator knows.</summary>
/// <param name="Kind">What the name is of.</param>
/// <param name="Name">As it was sent: it may have any character that MQTT lets through.</param>
public readonly record struct DropOwner(DropOwnerKind Kind, string Name)
{
    /// <summary>A client: the one that was to get the message, or the one that published it where that is why it was dropped.</summary>
    public static DropOwner Client(string clientId) => new(DropOwnerKind.Client, clientId);

    /// <summary>An upstream, by its name in the settings.</summary>
    public static DropOwner Upstream(string name) => new(DropOwnerKind.Upstream, name);

    /// <summary>A Topic Name, of a message that nobody in particular was to get.</summary>
    public static DropOwner Topic(string topicName) => new(DropOwnerKind.Topic, topicName);
}
