namespace DeviceMqtt.Simulation.Commands;

/// <summary>One command, and all that is known of it in the end.</summary>
internal sealed class SentCommand(string id, string board, int ttlSeconds, long sentMs)
{
    public string Id => id;

    public string Board => board;

    public int TtlSeconds => ttlSeconds;

    /// <summary>When it was first sent.</summary>
    public long SentMs => sentMs;

    /// <summary>When it was last sent and the gateway had it.</summary>
    public long AcknowledgedMs { get; set; } = -1;

    public int Executed { get; set; }

    public long ExecutedMs { get; set; }

    public bool IsAnswered { get; set; }

    /// <summary>The gateway has acknowledged an answer to the board: from there on its sender gets it.</summary>
    public bool IsAnswerAcknowledged { get; set; }

    /// <summary>The receipts that its sender got, with the reason behind where there is one.</summary>
    public HashSet<string> Receipts { get; } = new(StringComparer.Ordinal);

    /// <summary>Its sender knows how it ended. That it was carried out is not enough: nobody may have said so.</summary>
    public bool IsExplained => IsAnswered || Receipts.Any(static r => r.StartsWith("expired", StringComparison.Ordinal) || r.StartsWith("dropped", StringComparison.Ordinal));
}
