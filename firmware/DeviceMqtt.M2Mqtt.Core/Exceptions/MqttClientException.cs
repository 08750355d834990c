namespace nanoFramework.M2Mqtt.Exceptions;

/// <summary>The client refused what it was asked to do.</summary>
public class MqttClientException : Exception
{
    /// <summary>With its reason.</summary>
    public MqttClientException(MqttClientErrorCode errorCode)
    {
        ErrorCode = errorCode;
    }

    /// <summary>The reason.</summary>
    public MqttClientErrorCode ErrorCode { get; set; }
}
