using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Retained;

/// <summary>The last message of each topic that was published with RETAIN [MQTT-3.3.1-5].</summary>
internal sealed class RetainedMessages(GatewayLimits limits, ICustody custody)
{
    private readonly TopicTrie<Message> _byTopic = new();
    public int Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>The number of the message that was retained last (<see cref="Message.RetainedNumber"/>).</summary>
    public long LastNumber { get; private set; }

    /// <summary>Keeps the message for later subscribers, or removes the one there is when the payload is empty [MQTT-3.3.1-10].</summary>
    /// <returns>False when a limit stands against it; it was counted.</returns>
    public bool Set(Message message)
    {
        Message? before = _byTopic.Find(message.Topic);
        if (message.Payload.Length == 0)
        {
            Remove(before);
            return true;
        }

        int countAfter = Count + (before is null ? 1 : 0);
        long bytesAfter = Bytes + message.Bytes - (before?.Bytes ?? 0);
        if (countAfter > limits.RetainedMessagesMax || bytesAfter > limits.RetainedBytesMax)
        {
            // What there was is out of date all the same [MQTT-3.3.1-5].
            Remove(before);
            custody.Counters.Drop(DropReason.RetainedFull);
            return false;
        }

        message.RetainedNumber = ++LastNumber;
        _byTopic.Set(message.Topic, message);
        Count = countAfter;
        Bytes = bytesAfter;
        custody.Retain(message);
        if (before is not null)
            custody.Unretain(before, isReplaced: true);
        return true;
    }

    /// <summary>A message of a recovery.</summary>
    public void Restore(Message message)
    {
        message.RetainedNumber = ++LastNumber;
        _byTopic.Set(message.Topic, message);
        Count++;
        Bytes += message.Bytes;
        custody.ResumeRetained(message);
    }

    /// <summary>The one of a topic, expired or not; null when there is none.</summary>
    public Message? Find(string topic) => _byTopic.Find(topic);

    /// <summary>All of them, in no order.</summary>
    public List<Message> All()
    {
        List<Message> all = [];
        _byTopic.CollectAll(all);
        return all;
    }

    /// <summary>A walk through those that a filter matches, expired ones too.</summary>
    public TopicTrie<Message>.Cursor Open(string topicFilter) => _byTopic.OpenNamesMatching(topicFilter);

    /// <summary>A message that has expired is not retained any more.</summary>
    /// <returns>True when it has.</returns>
    public bool ForgetIfExpired(Message message, long nowMs)
    {
        if (!message.IsExpired(nowMs))
            return false;
        if (Find(message.Topic) != message)
            return true; // gone already
        Remove(message);
        custody.Counters.Drop(DropReason.Expired);
        return true;
    }

    private void Remove(Message? message)
    {
        if (message is null || _byTopic.Remove(message.Topic) is null)
            return;
        Count--;
        Bytes -= message.Bytes;
        custody.Unretain(message, isReplaced: false);
    }
}
