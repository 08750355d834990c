namespace DeviceMqtt.Gateway.Watching;

/// <summary>Something that went wrong for one client, address or topic, and how often. Owned by the turn.</summary>
internal sealed class Incident(IncidentKind kind, string subject, long firstUnixMs)
{
    public IncidentKind Kind => kind;

    /// <summary>Client Identifier, address or name.</summary>
    public string Subject => subject;

    public long FirstUnixMs { get; set; } = firstUnixMs;

    public long LastUnixMs { get; set; } = firstUnixMs;

    public long Count { get; set; }

    /// <summary>The last words about it; empty for none.</summary>
    public string Detail { get; set; } = "";

    /// <summary>The last address, or other place; empty where nobody knows.</summary>
    public string Where { get; set; } = "";
}
