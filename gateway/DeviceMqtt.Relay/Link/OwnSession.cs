using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Link;

/// <summary>
/// Knows whether the Session that an upstream says it has is the one of our last connection. Nodes that do not share their Sessions
/// each keep an old one of the gateway, with Packet Identifiers open that mean other messages by now: who resumes it takes a new
/// message for a duplicate, which loses it. Owned by the turn.
/// </summary>
/// <param name="options">Names the nodes, and says whether they share.</param>
internal sealed class OwnSession(RelayOptions options)
{
    private readonly bool _canBeAnother = options.Addresses.Count > 1 && !options.SharesSessions && !UpstreamProfile.Find(options.Profile)!.SharesSessions;
    private string? _node; // whose Session began empty and was ours on every connection since

    /// <summary>What a connection may rely on, of what its CONNACK said.</summary>
    /// <param name="terms">As CONNACK said them.</param>
    /// <param name="isUnknown">
    /// The journal does not know that the upstream has begun anew for this gateway: it is that of a backup, or a new one, or the upstream had another name, address or Client Identifier before.
    /// </param>
    /// <returns>
    /// The same for our own Session. For another's it is as if there were none, and QoS 1 at most: its identifiers may be open there
    /// for messages that are long done.
    /// </returns>
    public UplinkTerms Judge(UplinkTerms terms, bool isUnknown)
    {
        if (!terms.SessionPresent)
        {
            _node = $"{terms.Address}";
            return terms;
        }

        bool isAnother = _canBeAnother && $"{terms.Address}" != _node;
        if (!isAnother && !isUnknown)
            return terms;
        if (isAnother)
            _node = null;
        return terms with { SessionPresent = false, IsOldSession = true, IsSameNode = !isAnother, QoSMax = terms.QoSMax == QoS.AtMostOnce ? QoS.AtMostOnce : QoS.AtLeastOnce };
    }

    /// <summary>No Packet Identifier is open any more in the Session of this node: it is as if it had begun anew.</summary>
    public void IsOurs(UpstreamAddress address) => _node = $"{address}";
}
