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

    /// <summary>The text is a client or an upstream, by the name of <see cref="InboundOwner"/>: it has begun anew.</summary>
    public const byte BeganAnew = 0;

    private const long NoPacketId = 0;

    public static RecordWriter Write(RecordWriter record, byte what, string text) =>
        record.Start(RecordKind.Sent).Add(GivenUpRecord.NoEntry).Add(NoPacketId).Add(what).Add(text);
}
