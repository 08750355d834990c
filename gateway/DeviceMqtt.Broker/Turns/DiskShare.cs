namespace DeviceMqtt.Broker.Turns;

/// <summary>What one owner has had of the disk, and those of its connections that wait for more. Owned by the turn.</summary>
/// <param name="percent">Of the disk: who may have more goes on sooner.</param>
internal sealed class DiskShare(int percent)
{
    private const int Percent = 100;

    /// <summary>Those that wait, in the order in which they came.</summary>
    public Queue<DiskTurn> Waiting { get; } = new();

    /// <summary>It stands in the line.</summary>
    public bool IsInLine { get; set; }

    /// <summary>Bytes that it has had, by its part, counted from where others were when it began.</summary>
    public long Had { get; private set; }

    /// <summary>It has so much more, or less than nothing: it did not use that.</summary>
    public void Charge(long bytes) => Had += bytes * Percent / percent;

    /// <summary>It wanted nothing for a while: it goes on where others are now.</summary>
    public void BeginAt(long had) => Had = Math.Max(Had, had);
}
