namespace DeviceMqtt.Gateway.Relay;

/// <summary>The upstream cannot be connected to. Caught once, in <see cref="Uplink"/>.</summary>
internal sealed class UplinkException(UplinkEndReason reason, string detail, Exception? cause = null) : Exception(detail, cause)
{
    public UplinkEnd End { get; } = new(reason, detail);
}
