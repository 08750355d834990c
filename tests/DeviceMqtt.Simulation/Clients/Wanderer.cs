using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.Checks;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Clients;

/// <summary>What a client does that has a subscription for some seconds, then none, then has it again: what is published in between is not for it.</summary>
internal sealed class Wanderer(SimClient client, string filter, SimWorld world, Truth truth)
{
    private const ushort SubscribeId = 60_003;
    private const ushort UnsubscribeId = 60_004;
    private Step _step;
    private long _sinceMs;

    private enum Step
    {
        IsAway,
        Subscribes,
        IsSubscribed,
        Unsubscribes,
    }

    /// <summary>It stays where it is, with its subscription.</summary>
    public bool IsCalm { get; set; }

    public bool IsSettled => _step == Step.IsSubscribed;

    public void Tick()
    {
        if (_step == Step.IsAway && (IsCalm || world.NowMs - _sinceMs > 4_000))
            Subscribe();
        else if (_step == Step.Unsubscribes || (_step == Step.IsSubscribed && !IsCalm && world.NowMs - _sinceMs > 8_000))
            Unsubscribe(); // again where there was no room
    }

    /// <summary>The answer may be lost with the connection: it asks once more.</summary>
    public void Connected()
    {
        if (_step == Step.Subscribes)
            Subscribe();
        else if (_step == Step.Unsubscribes)
            Unsubscribe();
    }

    public void Subscribed(in Frame frame)
    {
        Truth.Expect(SubAckPacket.TryDecode(frame, client.Kind.Version, out SubAckPacket? packet, out _), "a malformed SUBACK");
        if (_step != Step.Subscribes)
            return;
        bool isRefused = packet!.ReasonCodes[0] >= ReasonCode.UnspecifiedError;
        world.Tell($"{client.Kind.Id} is {(isRefused ? "refused" : "subscribed")}");
        GoTo(isRefused ? Step.IsAway : Step.IsSubscribed);
        if (!isRefused)
            truth.Subscriptions.Granted(client.Kind.Id, filter);
    }

    public void Unsubscribed(in Frame frame)
    {
        Truth.Expect(UnsubAckPacket.TryDecode(frame, client.Kind.Version, out UnsubAckPacket? packet, out _), "a malformed UNSUBACK");
        if (_step != Step.Unsubscribes || packet!.ReasonCodes.Any(static c => c >= ReasonCode.UnspecifiedError)) // before 5.0 there are none
            return;
        world.Tell($"{client.Kind.Id} is unsubscribed");
        truth.Subscriptions.Ended(client.Kind.Id, filter);
        GoTo(Step.IsAway);
    }

    private void Subscribe()
    {
        GoTo(Step.Subscribes);
        world.Tell($"{client.Kind.Id} subscribes");
        truth.Subscriptions.Asked(client.Kind.Id, filter, client.Kind.IsDurable);
        _ = TopicFilter.TryParse(filter, out TopicFilter parsed, out _);
        client.Send(w => new SubscribePacket { PacketId = SubscribeId, Requests = [new SubscriptionRequest(parsed, client.Kind.SubscribesAt)] }.Write(w, client.Kind.Version));
    }

    private void Unsubscribe()
    {
        GoTo(Step.Unsubscribes);
        world.Tell($"{client.Kind.Id} unsubscribes");
        truth.Subscriptions.Leaving(client.Kind.Id, filter);
        _ = TopicFilter.TryParse(filter, out TopicFilter parsed, out _);
        client.Send(w => new UnsubscribePacket { PacketId = UnsubscribeId, Filters = [parsed] }.Write(w, client.Kind.Version));
    }

    private void GoTo(Step step) => (_step, _sinceMs) = (step, world.NowMs);
}
