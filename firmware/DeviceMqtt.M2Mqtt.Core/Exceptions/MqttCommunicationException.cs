namespace nanoFramework.M2Mqtt.Exceptions;

/// <summary>The network failed, or the broker did not answer in time.</summary>
public class MqttCommunicationException : Exception
{
    /// <summary>No answer in time.</summary>
    public MqttCommunicationException()
    {
    }

    /// <summary>With what the network said.</summary>
    public MqttCommunicationException(Exception? e)
        : base(string.Empty, e)
    {
    }
}
