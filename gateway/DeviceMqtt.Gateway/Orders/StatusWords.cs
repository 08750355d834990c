namespace DeviceMqtt.Gateway.Orders;

/// <summary>What the answer to <see cref="OrderServer.Status"/> has beside the values of <c>$SYS</c>, by name.</summary>
internal static class StatusWords
{
    /// <summary>Why the certificate in use is not valid, as a sentence; only there when it is not.</summary>
    public const string Certificate = "tls/certificate/wrong";
}
