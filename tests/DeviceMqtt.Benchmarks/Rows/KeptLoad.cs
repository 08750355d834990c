using DeviceMqtt.Benchmarks.Load;
using DeviceMqtt.Benchmarks.Peers;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>Publishers of QoS 1 whose messages wait for persistent Sessions, mostly one, that nobody is connected to: the gateway has each on the disk before its PUBACK.</summary>
internal sealed class KeptLoad
{
    public const string Reader = "reader";
    private readonly List<WindowedPublisher> _publishers = [];

    public KeptLoad(BrokerProcess broker, LoadLoop loop, int protocolLevel, int publishers, int window, int messagesPerWriteMax = int.MaxValue, int sessions = 1)
    {
        Readers = [.. Enumerable.Range(0, sessions).Select(static i => i == 0 ? Reader : $"{Reader}{i}")];
        for (int i = 0; i < sessions; i++)
            Subscriber.Leave(broker.Port, protocolLevel, Readers[i], sessions == 1 ? "bench/#" : $"bench/kep{i}/#");
        for (int i = 0; i < publishers; i++)
            _publishers.Add(WindowedPublisher.Open(loop, broker.Port, protocolLevel, $"pub{i:000}", sessions == 1 ? $"bench/kept/{i:000}" : $"bench/kep{i % sessions}/{i:000}", window, messagesPerWriteMax));
    }

    /// <summary>The Client Identifiers of the Sessions, each of which has its part of the publishers.</summary>
    public IReadOnlyList<string> Readers { get; }

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
