using System.Diagnostics;
using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>
/// Live data spread thin over the journal: most messages are delivered and done with at once, one in so many waits for a Session that is away. The journal must
/// gather what lives, or it is full of holes. MQTT 5.0 always, where a refusal has a reason code.
/// </summary>
internal sealed class ThinLoad
{
    private const int ProtocolLevel = 5;
    private const string Stays = "bench/stays";
    private const string Goes = "bench/going";

    /// <summary>Chosen so that a journal of 256 MB is full within a minute.</summary>
    private const int PayloadBytes = 256;

    private const double StandstillSeconds = 5;

    private readonly List<MixedPublisher> _publishers = [];
    private long _acceptedBefore;
    private long _progressed;

    public ThinLoad(LoadLoop loop, int port, int publishers, int staysOneIn)
    {
        Subscriber.Leave(port, ProtocolLevel, "away", Stays);
        Subscriber.Leave(port, ProtocolLevel, "present", Goes);
        _ = Subscriber.Resume(loop, port, ProtocolLevel, "present");
        Topics = new MixedTopics(Stays, Goes, staysOneIn, PayloadBytes);
        for (int i = 0; i < publishers; i++)
            _publishers.Add(MixedPublisher.Open(loop, port, $"pub{i:000}", Topics, FanInRow.WindowMessages));
    }

    public MixedTopics Topics { get; }

    public long Accepted => _publishers.Sum(static publisher => publisher.Accepted);

    public long AcceptedBytes => Accepted * Topics.MessageBytes;

    public long StayingBytes => _publishers.Sum(static publisher => publisher.AcceptedToStay) * Topics.MessageBytes;

    public bool IsRefused => _publishers.Exists(static publisher => publisher.Refused > 0);

    /// <summary>Whether nothing has been accepted for 5 s: the journal is full for good. A refusal alone may pass. Ask it at every step.</summary>
    public bool IsAtStandstill
    {
        get
        {
            long accepted = Accepted;
            if (accepted != _acceptedBefore || _progressed == 0)
                _progressed = Stopwatch.GetTimestamp();
            _acceptedBefore = accepted;
            return Stopwatch.GetElapsedTime(_progressed).TotalSeconds > StandstillSeconds;
        }
    }

    public bool IsIdle => _publishers.TrueForAll(static publisher => publisher.IsIdle || publisher.Fd < 0);

    /// <summary>Each window full, or nothing more once it is empty.</summary>
    public void Go(bool isOn)
    {
        _progressed = 0;
        foreach (MixedPublisher publisher in _publishers)
        {
            publisher.IsStopped = !isOn;
            publisher.Publish();
        }
    }
}
