using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>Why an upstream is away, and what to do, for people.</summary>
internal static class UpstreamWords
{
    public static string Of(UplinkEndReason reason) => reason switch
    {
        UplinkEndReason.None => "not tried yet",
        UplinkEndReason.NameNotFound => "no such name",
        UplinkEndReason.Refused => "nobody listens there",
        UplinkEndReason.Unreachable => "no way to it",
        UplinkEndReason.ConnectTimeout => "it does not answer",
        UplinkEndReason.TlsFailed => "TLS failed",
        UplinkEndReason.NotMqtt => "it does not speak MQTT",
        UplinkEndReason.NoConnAck => "it closed the connection",
        UplinkEndReason.ConnAckTimeout => "it did not answer the CONNECT",
        UplinkEndReason.NotAuthorized => "user name or password are wrong",
        UplinkEndReason.VersionRejected => "it does not speak this version of MQTT",
        UplinkEndReason.ConnectRejected => "it refused the CONNECT",
        UplinkEndReason.ConnectionLost => "the connection was lost",
        UplinkEndReason.PingTimeout => "it stopped answering",
        UplinkEndReason.AckTimeout => "it does not acknowledge",
        UplinkEndReason.ProtocolError => "it sent what it may not",
        UplinkEndReason.NoRoomHere => "the journal here was full",
        UplinkEndReason.Stopping => "the gateway stops",
        UplinkEndReason.AllRefused => "it refuses every message",
        UplinkEndReason.AsideFull => "it refuses messages, and no more may be set aside",
        _ => "a fault of the gateway",
    };

    public static string Todo(UplinkEndReason reason) => reason switch
    {
        UplinkEndReason.NameNotFound => "Check the name in the setting, and DNS on this machine.",
        UplinkEndReason.Refused => "Check the port in the setting, and whether the broker runs.",
        UplinkEndReason.Unreachable or UplinkEndReason.ConnectTimeout or UplinkEndReason.PingTimeout or UplinkEndReason.ConnectionLost => "Check the network of this machine, and a firewall in between.",
        UplinkEndReason.TlsFailed => "Check Relay:Tls: the authority's certificate, the name, and the clock of this machine.",
        UplinkEndReason.NotMqtt or UplinkEndReason.NoConnAck or UplinkEndReason.ConnAckTimeout => "Check the port: it may be one for TLS, or of another service.",
        UplinkEndReason.NotAuthorized => "Check Relay:UserName and Relay:Password, and what the broker lets that user do.",
        UplinkEndReason.VersionRejected => "Set Relay:Protocol to 3.1.1.",
        UplinkEndReason.ConnectRejected => "Look at the log of the broker.",
        UplinkEndReason.AckTimeout => "Look at the log of the broker: it takes messages and does not answer.",
        UplinkEndReason.AllRefused => "Check the role and the access rules of the gateway's user there. Nothing is lost: what waits goes when it takes a message.",
        UplinkEndReason.AsideFull => "Look at what is set aside under Relay and try it again or drop it, or raise Limits:RelayAsideMessagesMax and Limits:RelayAsideBytesMax. Nothing is lost until the backlog is full.",
        UplinkEndReason.NoRoomHere => "Make room in the journal: see Health.",
        _ => "Look at the log.",
    };
}
