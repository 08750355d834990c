using System.Runtime.InteropServices;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>One way to introduce oneself to an upstream.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct UplinkForm(ProtocolVersion Version, bool AsBridge)
{
    /// <summary>The ways to try, the best first: 5.0 has No Local and says what the upstream takes; a bridge does not get back what it sent.</summary>
    public static UplinkForm[] For(RelayOptions options)
    {
        string protocol = options.Protocol != RelayOptions.AutoProtocol ? options.Protocol : UpstreamProfile.Find(options.Profile)!.Protocol ?? RelayOptions.AutoProtocol;
        UplinkForm[] v5 = [new(ProtocolVersion.V5, AsBridge: true)];
        UplinkForm[] v311 = [new(ProtocolVersion.V311, AsBridge: true), new(ProtocolVersion.V311, AsBridge: false)];
        return protocol switch { "5.0" => v5, "3.1.1" => v311, _ => [.. v5, .. v311] };
    }
}
