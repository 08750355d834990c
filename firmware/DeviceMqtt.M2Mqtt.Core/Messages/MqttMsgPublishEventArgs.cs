namespace nanoFramework.M2Mqtt.Messages;

/// <summary>A message that arrived.</summary>
public class MqttMsgPublishEventArgs : EventArgs
{
    /// <summary>All of it at once.</summary>
    public MqttMsgPublishEventArgs(string topic, byte[] message, bool dupFlag, MqttQoSLevel qosLevel, bool retain)
    {
        Topic = topic;
        Message = message;
        DupFlag = dupFlag;
        QosLevel = qosLevel;
        Retain = retain;
    }

    /// <summary>Topic name.</summary>
    public string Topic { get; }

    /// <summary>Payload.</summary>
    public byte[] Message { get; }

    /// <summary>DUP flag.</summary>
    public bool DupFlag { get; }

    /// <summary>Quality of service.</summary>
    public MqttQoSLevel QosLevel { get; }

    /// <summary>RETAIN flag.</summary>
    public bool Retain { get; }
}
