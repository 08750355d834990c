namespace DeviceMqtt.Protocol;

/// <summary>Quality of Service levels (5.0, 4.3). The value 3 must not be used.</summary>
public enum QoS : byte
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
    ExactlyOnce = 2,
}
