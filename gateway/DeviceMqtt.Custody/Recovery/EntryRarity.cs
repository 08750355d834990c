namespace DeviceMqtt.Custody.Recovery;

/// <summary>What few messages in custody have: Subscription Identifiers, a Packet Identifier under which they were sent, a Session that has ended. Shared by those that have the same.</summary>
/// <param name="Identifiers">Subscription Identifiers; null for none.</param>
/// <param name="OfEndedSession">Whose the Session was that has ended; null where it has not.</param>
/// <param name="PacketId">The Packet Identifier; 0 when it was not sent.</param>
/// <param name="SentAt">The number of the record that said so; 0 when it was not sent.</param>
internal sealed record EntryRarity(uint[]? Identifiers, FormerUser? OfEndedSession, ushort PacketId, long SentAt)
{
    private const int ObjectBytes = 56;
    private const int ArrayBytes = 24;

    /// <summary>How many messages have it.</summary>
    public int Holders { get; set; }

    /// <summary>What it takes in memory, about.</summary>
    public int Bytes => ObjectBytes + (Identifiers is { } identifiers ? ArrayBytes + (identifiers.Length * sizeof(uint)) : 0);

    /// <summary>There is nothing rare about a message that has none of it.</summary>
    public static bool IsNone(in RecoveredEntry entry) => entry is { Held.Identifiers: null, OfEndedSession: null, PacketId: 0 };

    /// <summary>A message has the same.</summary>
    public bool IsOf(in RecoveredEntry entry) => PacketId == entry.PacketId && SentAt == entry.SentAt && OfEndedSession == entry.OfEndedSession
        && (Identifiers ?? []).AsSpan().SequenceEqual(entry.Held.Identifiers ?? []);
}
