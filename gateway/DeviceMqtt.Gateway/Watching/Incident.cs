namespace DeviceMqtt.Gateway.Watching;

/// <summary>Something that went wrong for one client, address or topic, and how often. Owned by the turn.</summary>
internal sealed class Incident(IncidentKind kind, string subject, long nowMs)
{
    public IncidentKind Kind => kind;

    /// <summary>Client Identifier, address or name.</summary>
    public string Subject => subject;

    /// <summary>When it happened first, in monotonic milliseconds: a clock that is set ends nothing, and keeps nothing.</summary>
    public long FirstMs { get; } = nowMs;

    /// <summary>So for the last time.</summary>
    public long LastMs { get; set; } = nowMs;

    public long Count { get; set; }

    /// <summary>The last words about it; empty for none.</summary>
    public string Detail { get; set; } = "";

    /// <summary>The last address, or other place; empty where nobody knows.</summary>
    public string Where { get; set; } = "";
}
