using System.Threading.Channels;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>
/// One page that watches the messages of a filter: at most <see cref="PerSecondMax"/> a second get there, the others are counted. Taken from
/// inside the turn, read outside.
/// </summary>
internal sealed class LiveFilter(TopicFilter filter)
{
    /// <summary>Messages a second that a person may still read.</summary>
    public const int PerSecondMax = 20;

    /// <summary>Bytes of a payload that get to the page.</summary>
    public const int PayloadBytesMax = 4_096;

    /// <summary>Characters of a Topic Name that get to the page.</summary>
    public const int TopicCharactersMax = 1_024;

    private const int WaitingMax = 64;
    private readonly Channel<LiveMessage> _channel = Channel.CreateBounded<LiveMessage>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private long _secondMs = long.MinValue / 2;
    private int _inSecond;
    private long _skipped;
    private Route? _lastRoute;
    private bool _lastMatches;

    public ChannelReader<LiveMessage> Reader => _channel.Reader;

    public void Take(in Publication publication, long unixMs)
    {
        // The topic is one already: it was parsed on its way in.
        if (!ReferenceEquals(_lastRoute, publication.Route))
        {
            _lastRoute = publication.Route;
            _lastMatches = TopicName.TryParse(publication.Route.Topic, out TopicName name, out _) && filter.Matches(name);
        }

        if (!_lastMatches)
            return;
        if (publication.NowMs - _secondMs >= 1000)
            (_secondMs, _inSecond) = (publication.NowMs, 0);
        if (_inSecond >= PerSecondMax)
        {
            _skipped++;
            return;
        }

        string topic = publication.Route.Topic;
        int kept = Math.Min(publication.Payload.Length, PayloadBytesMax);
        LiveMessage message = new(topic.Length <= TopicCharactersMax ? topic : topic[..TopicCharactersMax], publication.Payload[..kept].ToArray(), publication.Payload.Length, (int)publication.QoS, publication.Retain, unixMs, _skipped, publication.Publisher?.ClientId ?? "");
        if (_channel.Writer.TryWrite(message))
            (_inSecond, _skipped) = (_inSecond + 1, 0);
        else
            _skipped++;
    }
}
