using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>Publishers of QoS 1 whose messages wait for a persistent Session that nobody is connected to: the gateway has each on the disk before its PUBACK.</summary>
internal sealed class KeptLoad
{
    public const string Reader = "reader";
    private readonly List<WindowedPublisher> _publishers = [];

    public KeptLoad(BrokerProcess broker, LoadLoop loop, int protocolLevel, int publishers, int window, int messagesPerWriteMax = int.MaxValue)
    {
        Subscriber.Leave(broker.Port, protocolLevel, Reader, "bench/#");
        for (int i = 0; i < publishers; i++)
            _publishers.Add(WindowedPublisher.Open(loop, broker.Port, protocolLevel, $"pub{i:000}", $"bench/kept/{i:000}", window, messagesPerWriteMax));
    }

    public long Acknowledged => _publishers.Sum(publisher => publisher.Acknowledged);

    public long Published => _publishers.Sum(publisher => publisher.Published);

    /// <summary>Before the broker is stopped.</summary>
    public void Leave()
    {
        foreach (WindowedPublisher publisher in _publishers)
            publisher.Leave();
    }

    public void Stop()
    {
        foreach (WindowedPublisher publisher in _publishers)
            publisher.Stop();
    }
}
