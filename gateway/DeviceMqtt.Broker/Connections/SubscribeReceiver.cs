using System.Buffers.Binary;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Peers;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Connections;

/// <summary>SUBSCRIBE and UNSUBSCRIBE: sections 3.8 and 3.10.</summary>
internal sealed class SubscribeReceiver(BrokerState broker)
{
    private const int FilterCharactersMax = 200; // of a filter in a reason
    private const int MinFilterBytes = 3; // two of its length, and one character
    private const int FiltersAtLeast = 1_000; // chosen: no client has so many to say at once

    public void ReceiveSubscribe(MqttConnection connection, Session session, in Frame frame)
    {
        if (HasTooManyFilters(connection, frame, bytesEach: 1 + MinFilterBytes))
            return;
        if (!SubscribePacket.TryDecode(frame, connection.Version, out SubscribePacket? packet, out MalformedReason reason))
        {
            connection.CloseMalformed(frame.Type, reason);
            return;
        }

        ReasonCode[] codes = new ReasonCode[packet.Requests.Count];
        DeviceTelling telling = DeviceMark.Of(packet);
        List<Subscription> retainedFor = [];
        Dictionary<string, (int Last, bool WantsRetained)> asked = AskedOfEachFilter(session, packet);
        // A filter that stands in the packet more than once is one subscription, and the last word counts [MQTT-3.8.4-3].
        for (int i = 0; i < codes.Length; i++)
            if (asked[packet.Requests[i].Filter.Value] is var (last, wantsRetained) && last == i)
                codes[i] = Subscribe(session, packet.Requests[i], packet.SubscriptionIdentifier, wantsRetained, retainedFor, telling);
        // As if each had come in a packet of its own [MQTT-3.8.4-5]; what refuses the last would have refused all of them.
        for (int i = 0; i < codes.Length; i++)
            codes[i] = codes[asked[packet.Requests[i].Filter.Value].Last] is var code and >= ReasonCode.UnspecifiedError ? code : (ReasonCode)packet.Requests[i].QoS;
        TellRefused(session, packet, codes);
        // 3.1.1 knows one failure only (section 3.9.3).
        if (connection.Version != ProtocolVersion.V5)
            for (int i = 0; i < codes.Length; i++)
                if (codes[i] >= ReasonCode.UnspecifiedError)
                    codes[i] = ReasonCode.UnspecifiedError;

        Kept kept = broker.Turn.Gate.Outcome;
        SubAckPacket subAck = new() { PacketId = packet.PacketId, ReasonCodes = codes };
        SubAckPacket explained = new() { PacketId = packet.PacketId, ReasonCodes = codes, ReasonString = connection.WantsProblemInformation ? ReasonText.Of(Explain(session, packet, codes)) : null };
        // The Reason String stays away when the packet would be too large with it [MQTT-3.9.2-1].
        if (!connection.TryWrite(kept, w => explained.Write(w, connection.Version)) && !connection.TryWrite(kept, w => subAck.Write(w, connection.Version)))
        {
            CloseTooLarge(connection, frame.Type);
            return;
        }

        foreach (Subscription subscription in retainedFor)
            broker.DeliverRetained(session, subscription);
    }

    public void ReceiveUnsubscribe(MqttConnection connection, Session session, in Frame frame)
    {
        if (HasTooManyFilters(connection, frame, bytesEach: MinFilterBytes))
            return;
        if (!UnsubscribePacket.TryDecode(frame, connection.Version, out UnsubscribePacket? packet, out MalformedReason reason))
        {
            connection.CloseMalformed(frame.Type, reason);
            return;
        }

        ReasonCode[] codes = new ReasonCode[packet.Filters.Count];
        for (int i = 0; i < codes.Length; i++)
        {
            Kept kept = broker.Subscriptions.Remove(session, packet.Filters[i], out bool existed);
            codes[i] = kept.IsNoRoom ? ReasonCode.ImplementationSpecificError : existed ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted;
            if (!kept.IsNoRoom)
            {
                broker.Turn.Gate.Join(kept);
            }
            else if (connection.Version != ProtocolVersion.V5)
            {
                // UNSUBACK of 3.1.1 has no codes: the packet waits until there is room.
                connection.FoundNoRoom = true;
                return;
            }
        }

        UnsubAckPacket unsubAck = new() { PacketId = packet.PacketId, ReasonCodes = codes };
        if (!connection.TryWrite(broker.Turn.Gate.Outcome, w => unsubAck.Write(w, connection.Version)))
            CloseTooLarge(connection, frame.Type);
    }

    // A packet of a megabyte has 260,000 of them, each of which would be some objects before the first is refused.
    private static bool HasTooManyFilters(MqttConnection connection, in Frame frame, int bytesEach)
    {
        // What it may have it may ask for at once: libraries do so after a connection is lost.
        int max = Math.Max(FiltersAtLeast, connection.Session!.SubscriptionsMax);
        if (frame.Body.Length / bytesEach <= max)
            return false;
        ReadOnlySpan<byte> rest = frame.Body[Math.Min(sizeof(ushort), frame.Body.Length)..]; // the Packet Identifier
        if (connection.Version == ProtocolVersion.V5 && VariableByteInteger.TryRead(rest, out int properties, out int length) == DecodeStatus.Packet && length + properties <= rest.Length)
            rest = rest[(length + properties)..];
        int filters = 0;
        for (; rest.Length > sizeof(ushort); filters++)
            rest = rest[Math.Min(rest.Length, BinaryPrimitives.ReadUInt16BigEndian(rest) + sizeof(ushort) + bytesEach - MinFilterBytes)..];
        if (filters <= max)
            return false;
        connection.Close(CloseReason.QuotaExceeded, $"{frame.Type} with {filters} filters, more than {max}", ReasonCode.QuotaExceeded);
        return true;
    }

    // Where it stands last, and whether any of its places asks for what is retained: one that asks only as a new subscription does so in the first alone.
    private static Dictionary<string, (int Last, bool WantsRetained)> AskedOfEachFilter(Session session, SubscribePacket packet)
    {
        Dictionary<string, (int Last, bool WantsRetained)> asked = new(StringComparer.Ordinal); // a packet may have one filter tens of thousands of times
        for (int i = 0; i < packet.Requests.Count; i++)
        {
            SubscriptionRequest request = packet.Requests[i];
            bool isFirst = !asked.TryGetValue(request.Filter.Value, out (int Last, bool WantsRetained) before);
            // Shared subscriptions get no retained messages (5.0 section 4.8.2).
            bool wants = !request.Filter.IsShared && request.RetainHandling switch
            {
                RetainHandling.SendAtSubscribe => true,
                RetainHandling.SendIfNewSubscription => isFirst && session.FindSubscription(request.Filter.Value) is null,
                _ => false,
            };
            asked[request.Filter.Value] = (i, before.WantsRetained || wants);
        }

        return asked;
    }

    // So many filters in one packet that the client could not take the answer [MQTT-3.1.2-24].
    private static void CloseTooLarge(MqttConnection connection, PacketType type) =>
        connection.Close(CloseReason.PacketTooLarge, $"the answer to {type} exceeds the {connection.PacketBytesMax} bytes that the client takes", ReasonCode.PacketTooLarge);

    private ReasonCode Subscribe(Session session, in SubscriptionRequest request, uint identifier, bool wantsRetained, List<Subscription> retainedFor, DeviceTelling telling)
    {
        if (request.Filter.Value.AsSpan().Count('/') >= broker.Limits.TopicLevelsMax)
            return ReasonCode.TopicFilterInvalid;
        if ((!session.IsBridge && IsOthersP2P(session, request.Filter.Match)) || IsOfAllGateways(session, request.Filter.Match) || IsOthersReceipts(session, request.Filter.Match))
            return ReasonCode.NotAuthorized;
        if (session.Rights is { } rights && !rights.MaySubscribe(request.Filter.Match))
            return ReasonCode.NotAuthorized;

        if (session.IsOnDisk && broker.Custody.IsFull)
            return ReasonCode.QuotaExceeded;

        Subscription subscription = new(session, request.Filter)
        {
            QoS = request.QoS,
            // A bridge that speaks 3.1.1 cannot ask for it and needs it: what it published would come back to it as new.
            NoLocal = request.NoLocal || session.SaysItIsABridge,
            RetainAsPublished = request.RetainAsPublished || session.SaysItIsABridge,
            Identifier = identifier,
        };
        if (!broker.Subscriptions.TryAdd(session, subscription, wantsRetained ? broker.LastRetainedNumber : null, out Kept kept, telling))
            return ReasonCode.QuotaExceeded;

        broker.Turn.Gate.Join(kept);
        // Who asks for what is for it anyway expects it, from wherever it may come.
        if (P2PTopic.TryParse(request.Filter.Match, out _, out string self) && self == session.ClientId)
            broker.Sessions.Reach(session);

        if (wantsRetained)
            retainedFor.Add(subscription);
        return (ReasonCode)request.QoS;
    }

    // SUBACK has one Reason String for all its codes: it is about the first filter that was refused.
    private string? Explain(Session session, SubscribePacket packet, ReasonCode[] codes)
    {
        int refused = Array.FindIndex(codes, static code => code >= ReasonCode.UnspecifiedError);
        return refused < 0 ? null : $"{SafeText.Of(packet.Requests[refused].Filter.Value, FilterCharactersMax)}: {WhyRefused(session, packet.Requests[refused].Filter, codes[refused])}";
    }

    private string WhyRefused(Session session, TopicFilter filter, ReasonCode code) => code switch
    {
        ReasonCode.NotAuthorized when IsOfAllGateways(session, filter.Match) => $"a gateway below has {GatewaysBelow.FilterOfAll(session.ClientId)}, or the P2P topic of each of its devices",
        ReasonCode.NotAuthorized when IsOthersP2P(session, filter.Match) || IsOthersReceipts(session, filter.Match) => "P2P messages and receipts of another client",
        ReasonCode.NotAuthorized => "it matches topics that this client may not have",
        ReasonCode.TopicFilterInvalid => $"more than {broker.Limits.TopicLevelsMax} levels",
        _ when broker.Custody.IsFull => "no room in the journal",
        _ when !session.MayShare(filter) => $"more than {broker.Limits.SharedFiltersPerUserMax} shared filters of one user, or {SharedFilters.SessionsEach} times as many subscriptions to them (Limits:SharedFiltersPerUserMax)",
        _ when session.HasAllSubscriptions => $"more than {session.SubscriptionsMax} subscriptions",
        _ => $"no memory for it: the Session has {session.Holdings.Memory.Used} of {session.Holdings.Memory.Max} bytes, {session.Holdings.Owner.Name} {session.Holdings.Owner[Good.Memory].Used} of {session.Holdings.Owner[Good.Memory].Max}",
    };

    // Nobody else sees it: many clients do not look at the codes of SUBACK, and wait for messages that never come.
    private void TellRefused(Session session, SubscribePacket packet, ReasonCode[] codes)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            if (codes[i] < ReasonCode.UnspecifiedError)
                continue;
            broker.Counters.SubscriptionsRefused++;
            TopicFilter filter = packet.Requests[i].Filter;
            // Each is a device that gets no commands.
            if (session.IsBridge && codes[i] == ReasonCode.QuotaExceeded && session.HasAllSubscriptions)
                broker.Events.BridgeSubscriptionRefused(session.Name, filter.Value, broker.Limits.BridgeSubscriptionsMax);
            else
                broker.Events.SubscriptionRefused(session.Name, filter.Value, codes[i], WhyRefused(session, filter, codes[i]));
        }
    }

    // Nor with a wildcard in the place of the sender; but a gateway below asks for those of all that are behind it, and gets no others.
    private static bool IsOthersReceipts(Session session, string filter) =>
        !(session.IsBridge && filter == ReceiptTopic.All) && ReceiptTopic.TryParse(filter, out string sender) && !string.Equals(sender, session.ClientId, StringComparison.Ordinal);

    // It would wait for commands that nobody sends there: of P2P messages for all, a gateway below gets those that name it.
    private static bool IsOfAllGateways(Session session, string filter) =>
        session.IsBridge && P2PTopic.TryParse(filter, out string parent, out string target) && target == "+" && !string.Equals(parent, session.ClientId, StringComparison.Ordinal);

    // A client may subscribe to its own P2P topic, which changes nothing: what is for it comes anyway, once (P2P rule 3).
    private static bool IsOthersP2P(Session session, string filter) =>
        P2PTopic.TryParse(filter, out _, out string target)
        && target is not ("+" or "#")
        && !string.Equals(target, session.ClientId, StringComparison.Ordinal);
}
