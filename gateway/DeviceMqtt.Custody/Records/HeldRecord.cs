using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Records;

/// <summary>A message waits for somebody.</summary>
/// <param name="Entry">Its number in the custody; the class is part of it.</param>
/// <param name="Owner">Client Identifier, or the name of an upstream.</param>
/// <param name="Message">The position of the message.</param>
/// <param name="QoS">At which it is delivered.</param>
/// <param name="Retain">The RETAIN bit it is delivered with.</param>
/// <param name="Identifiers">Subscription Identifiers it is delivered with; null for none.</param>
internal readonly record struct HeldRecord(long Entry, string Owner, long Message, QoS QoS, bool Retain, uint[]? Identifiers)
{
    private const byte RetainBit = 0x04;

    public void Write(RecordWriter record)
    {
        record.Start(RecordKind.Held).Add(Entry).Add(Message).Add((byte)((int)QoS | (Retain ? RetainBit : 0))).Add(Owner);
        foreach (uint identifier in Identifiers ?? [])
            record.Add((long)identifier);
    }

    public static HeldRecord Read(ref RecordReader record)
    {
        long entry = record.ReadNumber();
        long message = record.ReadNumber();
        byte flags = record.ReadByte();
        string owner = record.ReadText();
        List<uint>? identifiers = null;
        while (!record.IsAtEnd)
            (identifiers ??= []).Add((uint)record.ReadNumber());
        return new HeldRecord(entry, owner, message, (QoS)(flags & 3), (flags & RetainBit) != 0, identifiers?.ToArray());
    }
}
