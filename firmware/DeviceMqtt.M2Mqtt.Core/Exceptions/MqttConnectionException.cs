namespace nanoFramework.M2Mqtt.Exceptions;

/// <summary>No connection could be made.</summary>
public class MqttConnectionException : Exception
{
    /// <summary>With what the network said.</summary>
    public MqttConnectionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
