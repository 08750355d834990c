namespace DeviceMqtt.Broker.Words;

/// <summary>What the specification leaves to the broker: section <c>Mqtt</c>.</summary>
internal sealed class MqttOptions
{
    /// <summary>
    /// What a 5.0 client gets of a message that several of its subscriptions match with different Subscription Identifiers: <c>Merged</c>, one
    /// PUBLISH with all of them; <c>Separate</c>, one PUBLISH for each, which Node-RED needs.
    /// </summary>
    public IdentifierForm SubscriptionIdentifiers { get; set; }
}
