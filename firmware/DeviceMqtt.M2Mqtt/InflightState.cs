namespace nanoFramework.M2Mqtt;

/// <summary>What a message in the queue waits for.</summary>
internal enum InflightState
{
    /// <summary>To be sent for the first time.</summary>
    Queued,

    /// <summary>Sent; PUBACK, PUBREC, SUBACK or UNSUBACK is to come.</summary>
    AwaitsAcknowledgement,

    /// <summary>PUBREL sent; PUBCOMP is to come.</summary>
    AwaitsPubComp,

    /// <summary>Received with QoS 2 and PUBREC sent; PUBREL is to come.</summary>
    AwaitsPubRel,

    /// <summary>Acknowledged, but keeps its place until its resend time.</summary>
    Lingers,
}
