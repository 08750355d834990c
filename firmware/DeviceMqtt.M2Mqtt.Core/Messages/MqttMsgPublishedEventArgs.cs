namespace nanoFramework.M2Mqtt.Messages;

/// <summary>What became of a message that was published with QoS 1 or 2.</summary>
public class MqttMsgPublishedEventArgs : EventArgs
{
    /// <summary>Acknowledged.</summary>
    public MqttMsgPublishedEventArgs(ushort messageId)
        : this(messageId, isPublished: true)
    {
    }

    /// <summary>Acknowledged or given up.</summary>
    public MqttMsgPublishedEventArgs(ushort messageId, bool isPublished)
    {
        MessageId = messageId;
        IsPublished = isPublished;
    }

    /// <summary>Packet identifier that Publish returned.</summary>
    public ushort MessageId { get; set; }

    /// <summary>False if it was given up after the last attempt.</summary>
    public bool IsPublished { get; set; }
}
