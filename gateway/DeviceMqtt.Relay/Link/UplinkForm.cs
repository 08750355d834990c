using System.Runtime.InteropServices;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Link;

/// <summary>One way to introduce oneself to an upstream.</summary>
/// <param name="Version">Of MQTT.</param>
/// <param name="AsBridge">A bridge does not get back what it sent.</param>
/// <param name="RetainsWill">False where the upstream keeps no messages.</param>
/// <param name="WillQoSMax">Less than 1 where the upstream takes QoS 0 alone.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct UplinkForm(ProtocolVersion Version, bool AsBridge, bool RetainsWill = true, QoS WillQoSMax = QoS.ExactlyOnce)
{
    /// <summary>The ways to try, the best first: 5.0 has No Local and says what the upstream takes; a bridge does not get back what it sent.</summary>
    public static UplinkForm[] For(RelayOptions options)
    {
        string protocol = options.Protocol != RelayOptions.AutoProtocol ? options.Protocol : UpstreamProfile.Find(options.Profile)!.Protocol ?? RelayOptions.AutoProtocol;
        UplinkForm[] v5 = [new(ProtocolVersion.V5, AsBridge: true)];
        UplinkForm[] v311 = [new(ProtocolVersion.V311, AsBridge: true), new(ProtocolVersion.V311, AsBridge: false)];
        return protocol switch { "5.0" => v5, "3.1.1" => v311, _ => [.. v5, .. v311] };
    }

    /// <summary>The same with a Will that the upstream takes; null when the refusal was for another reason (5.0, 3.2.2.3.4 and 3.2.2.3.5).</summary>
    public UplinkForm? Fitting(ReasonCode? refusal) => refusal switch
    {
        ReasonCode.RetainNotSupported when RetainsWill => this with { RetainsWill = false },
        ReasonCode.QoSNotSupported when WillQoSMax > QoS.AtMostOnce => this with { WillQoSMax = QoS.AtMostOnce },
        _ => null,
    };
}
