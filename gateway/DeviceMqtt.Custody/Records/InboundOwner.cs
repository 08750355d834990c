using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>Under which name QoS 2 Packet Identifiers are on disk: that of the client, or one that no client may have.</summary>
internal static class InboundOwner
{
    // '+' is refused in a Client Identifier.
    private const string UpstreamPrefix = "+";

    public static string Of(in DropOwner peer) => peer.Kind == DropOwnerKind.Upstream ? OfUpstream(peer.Name) : peer.Name;

    public static string OfUpstream(string name) => UpstreamPrefix + name;

    /// <summary>The name of the upstream; false when the owner is a client.</summary>
    public static bool TryGetUpstream(string owner, out string name)
    {
        bool isUpstream = owner.StartsWith(UpstreamPrefix, StringComparison.Ordinal);
        name = isUpstream ? owner[UpstreamPrefix.Length..] : "";
        return isUpstream;
    }
}
