using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Link;

/// <summary>What the CONNACK of a connection said: its version, and what the upstream takes.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Version">5.0 or 3.1.1.</param>
/// <param name="SessionPresent">The upstream has the Session of an earlier connection.</param>
internal sealed record UplinkTerms(UpstreamAddress Address, ProtocolVersion Version, bool SessionPresent)
{
    /// <summary>The upstream took the gateway for a bridge, or at least did not refuse one.</summary>
    public bool AsBridge { get; init; }

    /// <summary>The upstream has a Session of this gateway that is not that of the last connection, or of which the journal knows nothing (<see cref="OwnSession"/>).</summary>
    public bool IsOldSession { get; init; }

    /// <summary>It is old only because the journal knows nothing of it, after a restore, in a new folder or under another name: what has come from there on connections before is known as far as the journal goes.</summary>
    public bool IsSameNode { get; init; }

    /// <summary>It is old, and its Packet Identifiers are to be freed, because QoS 2 messages are to go there: the upstream takes them.</summary>
    public bool IsToBeSwept { get; init; }

    /// <summary>QoS 1 and 2 messages at once; before 5.0 our own bound is the only one.</summary>
    public int ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>Bytes of a packet.</summary>
    public int PacketBytesMax { get; init; } = int.MaxValue;

    public QoS QoSMax { get; init; } = QoS.ExactlyOnce;

    public bool HasRetain { get; init; } = true;

    /// <summary>The upstream says which subscription a message comes for.</summary>
    public bool HasIdentifiers { get; init; }

    /// <summary>Topic Filters may have wildcards.</summary>
    public bool HasWildcards { get; init; } = true;

    /// <summary>The upstream is one of our gateways, and is told whether a device is here that is subscribed for (<see cref="DeviceMark"/>).</summary>
    public bool HasDeviceMarks { get; init; }

    /// <summary>Seconds that the upstream keeps the Session when the link is down, if it is less than for ever, for which the gateway asks.</summary>
    public uint? SessionSeconds { get; init; }

    /// <summary>The most seconds between two packets of the gateway, if the upstream wants it its own way.</summary>
    public int? KeepAliveSeconds { get; init; }

    /// <summary>Seconds between two PINGREQ: never more than the gateway's own, or it would learn too late that the link is gone.</summary>
    /// <param name="own">Seconds.</param>
    public int PingSeconds(int own) => Math.Min(KeepAliveSeconds ?? own, own);

    public string VersionText => Version == ProtocolVersion.V5 ? "5.0" : "3.1.1";
}
