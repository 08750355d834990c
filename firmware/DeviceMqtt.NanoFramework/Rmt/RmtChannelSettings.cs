namespace nanoFramework.Hardware.Esp32.Rmt;

/// <summary>How a channel measures.</summary>
public class RmtChannelSettings
{
    /// <summary>On any free channel.</summary>
    public RmtChannelSettings(int pinNumber)
    {
        PinNumber = pinNumber;
    }

    /// <summary>GPIO number.</summary>
    public int PinNumber { get; set; }

    /// <summary>What 80 MHz are divided by.</summary>
    public byte ClockDivider { get; set; }
}
