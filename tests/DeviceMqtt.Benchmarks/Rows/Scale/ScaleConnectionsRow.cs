using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows.Scale;

/// <summary>Many clients, each with a message in ten seconds.</summary>
internal sealed class ScaleConnectionsRow : ScaleRow
{
    private const double SecondsPerMessage = 10;

    public override string Title => $"Many connections, each with a message in {SecondsPerMessage} s, QoS 0, to one subscriber";

    protected override string Things => "connections";

    protected override int[] Counts => [1000, 2000, 5000];

    protected override int FullCount => 10_000;

    protected override BrokerSettings Settings(int count) => base.Settings(count) with
    {
        GatewaySettings = [$"Limits:ConnectionsMax={count + 1000}", $"Limits:SessionsMax={count + 1000}"],
    };

    protected override void Measure(ScaleStep step)
    {
        Subscriber subscriber = Subscriber.Open(step.Loop, step.Broker.Port, step.Settings.ProtocolLevel, "sub", "bench/#", qos: 0);
        step.Begin();
        PacedPublisher[] publishers = [.. Enumerable.Range(0, step.Count).Select(i => PacedPublisher.Open(
            step.Loop, step.Broker.Port, step.Settings.ProtocolLevel, $"pub{i:00000}", $"bench/scale/{i:00000}", qos: 0, ringMessages: 1))];
        step.End("connect");

        long interval = (long)(SecondsPerMessage * Stopwatch.Frequency / step.Count);
        long due = Stopwatch.GetTimestamp();
        int next = 0;
        bool PublishDue()
        {
            for (; due <= Stopwatch.GetTimestamp(); due += interval)
            {
                if (!publishers[next++ % publishers.Length].TryPublish(due))
                    throw new IOException("the broker took no more");
            }
            return false;
        }

        _ = step.Loop.RunUntil(PublishDue, Math.Min(1, step.Settings.WarmUpSeconds));
        long before = subscriber.Delivered;
        var window = new Window(step.Broker);
        _ = step.Loop.RunUntil(PublishDue, step.Settings.WindowSeconds);
        window.End();
        step.Add("broker CPU per message, us", window.BrokerSeconds * 1e6 / Math.Max(1, subscriber.Delivered - before));
    }
}
