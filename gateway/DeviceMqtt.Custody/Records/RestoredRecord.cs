using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>
/// That the gateway was restored from a backup, and what has been settled of that since: a <see cref="RecordKind.Sent"/> of entry 0 and Packet Identifier 0 with a text behind it, as
/// <see cref="GivenUpRecord"/> is one with a Packet Identifier. Versions before take it for an identifier that is free, which it is.
/// </summary>
internal static class RestoredRecord
{
    /// <summary>The text is the name of the restore (<see cref="RestoreMark"/>): all that was before is the state of the backup.</summary>
    public const byte Restored = 3;

    /// <summary>The text is a client, whose Session is of the backup: only in snapshots.</summary>
    public const byte HasOldIdentifiers = 1;

    /// <summary>The text is a client or an upstream, by the name of <see cref="InboundOwner"/>, with which upstream of that name it is behind it: it has begun anew.</summary>
    public const byte BeganAnew = 0;

    private const long NoPacketId = 0;

    private const char WhereMark = '\n'; // in no name

    public static string TextOf(in DropOwner peer, string where) => where.Length == 0 ? InboundOwner.Of(peer) : $"{InboundOwner.Of(peer)}{WhereMark}{where}";

    /// <summary>Name and place of what <see cref="TextOf"/> made of an upstream; an empty place of versions that did not know any.</summary>
    public static (string Name, string Where) Split(string upstream) => upstream.IndexOf(WhereMark) is >= 0 and int at ? (upstream[..at], upstream[(at + 1)..]) : (upstream, "");

    public static RecordWriter Write(RecordWriter record, byte what, string text) =>
        record.Start(RecordKind.Sent).Add(GivenUpRecord.NoEntry).Add(NoPacketId).Add(what).Add(text);
}
