using System.Text;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Protocol;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>
/// Which topics go upstream and what they are called there.
/// <list type="bullet">
/// <item>Ordinary topics: those that a filter of <see cref="RelayOptions.Out"/> matches, with <see cref="RelayOptions.Prefix"/> before them.</item>
/// <item>P2P topics keep their name: <c>p2p</c> has to stay the second level.</item>
/// </list>
/// Owned by the turn: <see cref="ToUpstream(Message)"/> has a scratch buffer.
/// </summary>
internal sealed class RelayTopics
{
    private const int TopicBytesMax = ushort.MaxValue;
    private readonly List<TopicFilter> _out = [];
    private readonly string _prefix;
    private readonly byte[] _prefixUtf8;
    private byte[] _scratch = [];

    /// <param name="options">Checked before.</param>
    public RelayTopics(RelayOptions options)
    {
        foreach (string text in options.Out.Count == 0 ? ["#"] : options.Out)
            if (TopicFilter.TryParse(text, out TopicFilter filter, out _))
                _out.Add(filter);
        _prefix = options.Prefix;
        _prefixUtf8 = Encoding.UTF8.GetBytes(_prefix);
    }

    /// <summary>Whether messages of an ordinary topic go upstream.</summary>
    public bool Wants(string topic)
    {
        if (!TopicName.TryParse(topic, out TopicName name, out _) || !_out.Exists(filter => filter.Matches(name)))
            return false;
        string there = ToUpstream(topic);
        // A prefix must not turn an ordinary topic into a command for somebody, nor outgrow what the protocol can say.
        return !P2PTopic.TryParse(there, out _, out _) && Encoding.UTF8.GetByteCount(there) <= TopicBytesMax;
    }

    /// <summary>The name of an ordinary topic upstream.</summary>
    public string ToUpstream(string topic) => _prefix + topic;

    /// <summary>The topic of a message upstream, valid until the next call.</summary>
    public ReadOnlySpan<byte> ToUpstream(Message message)
    {
        if (message.IsP2P || _prefixUtf8.Length == 0)
            return message.TopicUtf8;
        int length = _prefixUtf8.Length + message.TopicUtf8.Length;
        if (_scratch.Length < length)
        {
            _scratch = new byte[Math.Max(256, length)];
            _prefixUtf8.CopyTo(_scratch, 0);
        }

        message.TopicUtf8.CopyTo(_scratch, _prefixUtf8.Length);
        return _scratch.AsSpan(0, length);
    }

    /// <summary>What the gateway subscribes to upstream for one device.</summary>
    public static string P2PFilter(string clientId) => P2PTopic.Build("+", clientId);
}
