using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Recovery;

/// <summary>A Session, as the journal knows it.</summary>
internal sealed class RecoveredSession(SessionRecord terms)
{
    public SessionRecord Terms { get; set; } = terms;

    /// <summary>Running time in milliseconds at which its client left; null when it was connected to the end.</summary>
    public long? LeftRunningMs { get; set; }

    /// <summary>It is of the backup from which the gateway was restored, and its client has not begun anew since.</summary>
    public bool HasOldIdentifiers { get; set; }

    public Dictionary<string, SubscriptionRecord> Subscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>By filter: the number of the record that said so last, for their order over all Sessions. Of gateways below alone.</summary>
    public Dictionary<string, long>? Order { get; set; }

    /// <summary>What they are owed of the retained messages, by filter.</summary>
    public Dictionary<string, OwedRetained> Owed { get; } = new(StringComparer.Ordinal);

    /// <summary>How many retained messages were given, of all that is owed.</summary>
    public int GivenCount => Owed.Values.Sum(static o => o.Given.Count);
}
