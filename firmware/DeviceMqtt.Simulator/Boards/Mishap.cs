namespace DeviceMqtt.Simulator;

/// <summary>What happens to a board.</summary>
public enum Mishap
{
    /// <summary>The connection is gone without DISCONNECT; the board makes a new one.</summary>
    WifiDrop,

    /// <summary>It restarts as if told to: says goodbye, writes what waits to flash, boots.</summary>
    Reboot,

    /// <summary>The power fails for a moment: nothing is said, what was in memory is gone, and it boots.</summary>
    BrownOut,
}
