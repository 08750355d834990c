using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Topics;

/// <summary>How the messages of one topic go upstream.</summary>
/// <param name="Topic">The Topic Name there.</param>
/// <param name="TopicUtf8">The same in its bytes.</param>
/// <param name="QoSMax">The most that the rule and the upstream allow.</param>
/// <param name="KeepsRetain">False when RETAIN is cleared.</param>
/// <param name="BuffersQoS0">False when QoS 0 messages pass or are dropped.</param>
/// <param name="MaxAgeMs">Milliseconds after which a message is not sent any more; <see cref="long.MaxValue"/> for never.</param>
/// <param name="Class">Which of those that wait go first.</param>
/// <param name="ComesBack">The gateway asks the upstream for this topic, so a 3.1.1 broker sends the message back.</param>
/// <param name="Device">The board of which the topic has readings, which are marked when they are late, and placed in time; null for other topics.</param>
internal sealed record RelayRoute(
    string Topic, byte[] TopicUtf8, QoS QoSMax, bool KeepsRetain, bool BuffersQoS0, long MaxAgeMs, RelayClass Class, bool ComesBack, string? Device);
