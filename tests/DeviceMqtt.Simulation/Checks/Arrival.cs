using DeviceMqtt.Simulation.Clients;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Checks;

/// <summary>What is asked of each PUBLISH that comes to a client, whatever its QoS: that it was published so, to that topic, and that this client has asked for it.</summary>
internal sealed class Arrival(SimWorld world, Truth truth, ClientKind kind)
{
    // On the wire, until the gateway looks at its clock, and until its publisher has the answer.
    private const long SlackMs = 5_000;

    /// <summary>Of a client, or of its group.</summary>
    public string Owner { get; } = kind.Group.Length > 0 ? kind.Group : kind.Id;

    /// <param name="topic">Under which it came.</param>
    /// <param name="payload">All of it.</param>
    /// <param name="isRetained">With RETAIN set.</param>
    /// <param name="isAgain">With DUP set: it was on its way before.</param>
    public void Check(string topic, string payload, bool isRetained, bool isAgain)
    {
        string id = Payloads.IdOf(payload);
        bool isWill = payload == "0" && topic.StartsWith("presence/", StringComparison.Ordinal);
        if (!isWill && truth.FindEqual(id) is { } equal)
        {
            bool isAskedForOne = topic == $"dm/p2p/{kind.Id}" || equal.Exists(p => truth.Subscriptions.MayCome(Owner, topic, p));
            Truth.Expect(isAskedForOne && equal.Exists(p => p.Topic == topic), $"{kind.Id} got '{Short(id)}' under {topic}, which it has not asked for");
            return;
        }

        Publication? publication = isWill ? null : truth.Find(id);
        Truth.Expect(isWill || publication is not null, $"{kind.Id} got '{Short(id)}' under {topic}, which nobody published");
        bool isAsked = topic == $"dm/p2p/{kind.Id}" || truth.Subscriptions.MayCome(Owner, topic, isRetained ? null : publication);
        Truth.Expect(isAsked, $"{kind.Id} got {id} under {topic}, which it has not asked for");
        if (publication is null)
            return;
        Truth.Expect(publication.Topic == topic, $"{kind.Id} got {id} under {topic}, and it was published to {publication.Topic}");
        Truth.CheckContents(kind.Id, publication, payload);
        if (publication.ExpirySeconds == 0 || isAgain || truth.GoesOnBetweenGateways(kind.Id, publication) || (!publication.IsAcknowledged && !publication.IsLimitedCommand))
            return;
        // A command is good from when it was sent, wherever it has waited. A gateway that has started since knows of no time that the link was down before it ended.
        long knownMs = publication.IsLimitedCommand ? Math.Max(publication.AtMs, truth.LastEndMs()) : long.MaxValue;
        long fromMs = publication.IsAcknowledged ? Math.Min(publication.AcknowledgedMs, knownMs) : knownMs;
        long lateMs = world.NowMs - fromMs - (publication.ExpirySeconds * 1000L) - truth.NotCountedSince(fromMs);
        Truth.Expect(lateMs < SlackMs, $"{kind.Id} got {id}{(isRetained ? ", retained," : "")} {lateMs} ms after it had expired");
    }

    private static string Short(string id) => id.Length > 40 ? id[..40] : id;
}
