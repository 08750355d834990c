namespace DeviceMqtt.Simulation.Clocks;

/// <summary>What a board has measured, and when in truth.</summary>
internal sealed class Reading(string board, long number, long boot, long upMs, long measuredMs)
{
    public string Board => board;

    public long Number => number;

    public long Boot => boot;

    public long UpMs => upMs;

    /// <summary>Of the world's time.</summary>
    public long MeasuredMs => measuredMs;

    /// <summary>Its last copy was sent later than it was measured.</summary>
    public bool IsLate { get; set; }

    public bool IsAcknowledged { get; set; }

    public bool HasArrived { get; set; }
}
