namespace DeviceMqtt.Broker.Words;

/// <summary>What the specification leaves to the broker: section <c>Mqtt</c>.</summary>
internal sealed class MqttOptions
{
    /// <summary>
    /// What a 5.0 client gets of a message that several of its subscriptions match with different Subscription Identifiers: <c>Separate</c>, one
    /// PUBLISH for each, as mosquitto and EMQX send it and Node-RED needs it; <c>Merged</c>, one PUBLISH with all of them.
    /// </summary>
    public IdentifierForm SubscriptionIdentifiers { get; set; } = IdentifierForm.Separate;
}
