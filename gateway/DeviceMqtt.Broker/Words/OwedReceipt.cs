namespace DeviceMqtt.Broker.Words;

/// <summary>Who is to be told what becomes of a P2P message in custody.</summary>
/// <param name="Sender">Client Identifier of its sender.</param>
/// <param name="Target">Client Identifier of its target.</param>
/// <param name="CommandId">The id of the command; empty if it is none.</param>
/// <param name="Marks">Where the sender is, and what it was told.</param>
internal readonly record struct OwedReceipt(string Sender, string Target, string CommandId, ReceiptMarks Marks)
{
    /// <summary>The user of a sender that is here: another one under its Client Identifier is not told. No name where nobody knows.</summary>
    public UserIdentity User { get; init; }

    /// <summary>The name of the upstream that the message goes to; null when it goes to none. Not on disk: its entry says so.</summary>
    public string? Upstream { get; init; }

    /// <summary>The gateway below that brought the command of one of its clients; null when none did. Not on disk: by then that gateway has said that it has its sender.</summary>
    public string? Below { get; init; }

    /// <summary>Monotonic milliseconds at which its time is over, where it goes to an upstream. Not on disk.</summary>
    public long ExpiresMs { get; init; }

    /// <summary>What several upstreams have said of it; null after a restart. Not on disk.</summary>
    public UpstreamFates? Fates { get; init; }
}
