using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Who may send P2P messages to whom (DESIGN: P2P rule 8). To publish to <c>+/p2p/...</c> is the right to command: operators
/// have it, bridges for those behind them, and the upstream, which is not asked here. A device answers: it may send to
/// clients that are no devices, and to itself. Owned by the turn.
/// </summary>
internal sealed class P2PAuthority(Ground ground, SessionTable sessions, Mailboxes mailboxes)
{
    /// <summary>Whether a client may send to that one. Counts and tells it when not.</summary>
    public bool Allows(Session sender, in Publication publication, string target)
    {
        if (Allows(sender.Role, sender.ClientId, target))
            return true;
        uint number = ground.Counters.Trace?.Accepted(publication) ?? 0; // it does not get to the router
        ground.Counters.Drop(new Drop(DropReason.P2PNotAllowed, DropOwner.Client(sender.ClientId), publication.Route.Topic, publication.Payload.Length), number);
        return false;
    }

    /// <summary>Whether a client of this role may send to that one.</summary>
    public bool Allows(ClientRole? role, string sender, string target)
    {
        if (role is ClientRole.Operator or ClientRole.Bridge || string.Equals(sender, target, StringComparison.Ordinal))
            return true;
        if (role is ClientRole.Monitor)
            return false;
        if (sessions.Find(target) is { Role: { } of })
            return IsNoDevice(of);
        // Nobody of ours: what is behind another gateway is that gateway's to judge. Of ours, and nobody knows what: it may be a device that sleeps.
        return !mailboxes.IsKnown(target) || IsNoDevice(NowOf(target));
    }

    // Whoever was not here since a restart is what it was before: the answers to its commands wait for it. Unless the rules are others now.
    private ClientRole? NowOf(string target) =>
        mailboxes.RoleOf(target) is { } before ? ground.Access.Recall(target, sessions.Find(target)?.UserName ?? mailboxes.UserOf(target).Name, before).Role : null;

    private static bool IsNoDevice(ClientRole? role) => role is ClientRole.Operator or ClientRole.Bridge or ClientRole.Monitor;
}
