namespace nanoFramework.Hardware.Esp32.Rmt;

/// <summary>Two pulses.</summary>
public class RmtCommand
{
    /// <summary>Two pulses.</summary>
    public RmtCommand(ushort duration0, bool level0, ushort duration1, bool level1)
    {
        Duration0 = duration0;
        Level0 = level0;
        Duration1 = duration1;
        Level1 = level1;
    }

    /// <summary>Length of the first, in ticks.</summary>
    public ushort Duration0 { get; set; }

    /// <summary>Whether the first is high.</summary>
    public bool Level0 { get; set; }

    /// <summary>Length of the second, in ticks.</summary>
    public ushort Duration1 { get; set; }

    /// <summary>Whether the second is high.</summary>
    public bool Level1 { get; set; }
}
