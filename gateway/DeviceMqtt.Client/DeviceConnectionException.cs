namespace DeviceMqtt.Client;

/// <summary>The gateway cannot be reached, refuses, or the connection to it has ended.</summary>
public sealed class DeviceConnectionException : IOException
{
    /// <summary>Says nothing.</summary>
    public DeviceConnectionException()
    {
    }

    /// <param name="message">Why, in words.</param>
    public DeviceConnectionException(string message)
        : base(message)
    {
    }

    /// <param name="message">Why, in words.</param>
    /// <param name="inner">What it came from.</param>
    public DeviceConnectionException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
