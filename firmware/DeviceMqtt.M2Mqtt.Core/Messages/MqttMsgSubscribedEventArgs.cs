namespace nanoFramework.M2Mqtt.Messages;

/// <summary>A SUBACK.</summary>
public class MqttMsgSubscribedEventArgs : EventArgs
{
    /// <summary>All of it at once.</summary>
    public MqttMsgSubscribedEventArgs(ushort messageId, MqttQoSLevel[] grantedQosLevels)
    {
        MessageId = messageId;
        GrantedQoSLevels = grantedQosLevels;
    }

    /// <summary>Packet identifier that Subscribe returned.</summary>
    public ushort MessageId { get; }

    /// <summary>One for each topic filter.</summary>
    public MqttQoSLevel[] GrantedQoSLevels { get; }
}
