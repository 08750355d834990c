namespace nanoFramework.M2Mqtt.Messages;

/// <summary>An UNSUBACK.</summary>
public class MqttMsgUnsubscribedEventArgs : EventArgs
{
    /// <summary>All of it at once.</summary>
    public MqttMsgUnsubscribedEventArgs(ushort messageId)
    {
        MessageId = messageId;
    }

    /// <summary>Packet identifier that Unsubscribe returned.</summary>
    public ushort MessageId { get; }
}
