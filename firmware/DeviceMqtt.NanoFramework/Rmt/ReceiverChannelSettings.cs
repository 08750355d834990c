namespace nanoFramework.Hardware.Esp32.Rmt;

/// <summary>How a receiving channel measures.</summary>
public class ReceiverChannelSettings : RmtChannelSettings
{
    /// <summary>On any free channel.</summary>
    public ReceiverChannelSettings(int pinNumber)
        : base(pinNumber)
    {
    }

    /// <summary>Ticks without an edge that end a measurement.</summary>
    public ushort IdleThreshold { get; set; }

    /// <summary>Whether short pulses are left out.</summary>
    public bool EnableFilter { get; set; }

    /// <summary>How long to wait for a measurement.</summary>
    public TimeSpan ReceiveTimeout { get; set; }
}
