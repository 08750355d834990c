namespace DeviceMqtt.Simulation.Commands;

/// <summary>One command, and all that is known of it in the end.</summary>
internal sealed class SentCommand(string id, string board, int ttlSeconds)
{
    public string Id => id;

    public string Board => board;

    public int TtlSeconds => ttlSeconds;

    /// <summary>When it was last sent and the gateway had it.</summary>
    public long AcknowledgedMs { get; set; } = -1;

    public int Executed { get; set; }

    public long ExecutedMs { get; set; }

    public bool IsAnswered { get; set; }

    /// <summary>The receipts that its sender got.</summary>
    public HashSet<string> Receipts { get; } = new(StringComparer.Ordinal);

    public bool IsExplained => Executed > 0 || IsAnswered || Receipts.Contains("expired") || Receipts.Contains("dropped");
}
