using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Scale;

/// <summary>Many different filters, and messages that each fit one of them.</summary>
internal sealed class ScaleSubscriptionsRow : ScaleRow
{
    private const int Subscribers = 100;
    private const int Messages = 50_000;
    private const int SmokeMessages = 500;

    // Prime to all sizes, so that the messages are spread over all filters.
    private const int Stride = 7919;

    public override string Title => $"Many subscriptions of {Subscribers} clients, each message for one of them";

    protected override string Things => "subscriptions";

    protected override int[] Counts => [1000, 10_000, 30_000];

    protected override int FullCount => 100_000;

    protected override BrokerSettings Settings(int count) => base.Settings(count) with { GatewaySettings = [$"Limits:SubscriptionsPerSessionMax={count}"] };

    protected override void Measure(ScaleStep step)
    {
        (int port, int level) = (step.Broker.Port, step.Settings.ProtocolLevel);
        step.Begin();
        var subscribers = new Subscriber[Subscribers];
        for (int i = 0; i < Subscribers; i++)
        {
            int first = i;
            IEnumerable<string> filters = Enumerable.Range(0, step.Count / Subscribers).Select(k => $"bench/scale/{(k * Subscribers) + first:000000}/+");
            subscribers[i] = Subscriber.Open(step.Loop, port, level, $"sub{i:000}", filters, qos: 0);
        }
        step.End("subscribe");

        int messages = step.Settings.IsSmoke ? SmokeMessages : Messages;
        long cpuBeforeNs = step.Broker.CpuNs;
        _ = new TopicsPublisher(step.Loop, port, level, messages, i => $"bench/scale/{(long)i * Stride % step.Count:000000}/t", retain: false);
        step.RunUntil(() => subscribers.Sum(static subscriber => subscriber.Delivered) >= messages, "messages", SecondsMax);
        step.Add("broker CPU per message, us", (step.Broker.CpuNs - cpuBeforeNs) / 1000.0 / messages);
    }
}
