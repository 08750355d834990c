namespace DeviceMqtt.Broker.Words;

/// <summary>How a message is sent that several subscriptions of one client match (section 3.3.4 of the specification allows both).</summary>
internal enum IdentifierForm
{
    /// <summary>Once, with all Subscription Identifiers.</summary>
    Merged,

    /// <summary>Once for each Subscription Identifier.</summary>
    Separate,
}
