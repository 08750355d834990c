using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// An even 5,000 messages a second over a hundred pairs. Age counts from the moment a message was due, not from when the load got to send
/// it, so a stall is seen in every message that it held up. The load generator spins here: it must not sleep through a due time.
/// </summary>
internal sealed class PacedPairs
{
    public const int Pairs = 100;
    public const int MessagesPerSecond = 5000;

    private readonly List<PacedPublisher> _publishers = [];
    private readonly LoadLoop _loop;
    private long _published;
    private long _due;

    /// <param name="loop">Where they live.</param>
    /// <param name="port">The broker's.</param>
    /// <param name="protocolLevel">4 or 5.</param>
    /// <param name="qos">Of all messages.</param>
    /// <param name="ages">Of the messages that arrive.</param>
    public PacedPairs(LoadLoop loop, int port, int protocolLevel, int qos, AgeRecord ages)
    {
        _loop = loop;
        for (int i = 0; i < Pairs; i++)
        {
            string topic = $"bench/pair/{i:000}";
            _ = AgeSubscriber.Open(loop, port, protocolLevel, $"sub{i:000}", topic, qos, ages);
            _publishers.Add(PacedPublisher.Open(loop, port, protocolLevel, $"pub{i:000}", topic, qos));
        }
    }

    /// <summary>From now on messages are due.</summary>
    public void Begin() => _due = Stopwatch.GetTimestamp();

    /// <summary>Sends each when it is due.</summary>
    /// <param name="seconds">For so long.</param>
    /// <param name="sent">Told of each, by its number from 0 on and when it was due.</param>
    /// <exception cref="IOException">The broker is far behind, and the run is worthless.</exception>
    public void Publish(double seconds, Action<long, long>? sent = null)
    {
        long interval = Stopwatch.Frequency / MessagesPerSecond;
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < end)
        {
            if (Stopwatch.GetTimestamp() >= _due)
            {
                if (!_publishers[(int)(_published % Pairs)].TryPublish(_due))
                    throw new IOException($"the broker took no more after {_published} messages");
                sent?.Invoke(_published, _due);
                _published++;
                _due += interval;
            }
            _loop.Poll(0);
        }
    }
}
