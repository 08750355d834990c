using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Link;

/// <summary>The upstream cannot be connected to. Caught once, in <see cref="Uplink"/>.</summary>
internal sealed class UplinkException(UplinkEndReason reason, string detail, Exception? cause = null, ReasonCode? code = null) : Exception(detail, cause)
{
    /// <summary>That of a 5.0 CONNACK.</summary>
    public ReasonCode? Code => code;

    public UplinkEnd End { get; } = new(reason, detail);
}
