using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>Somebody is to be told what becomes of an entry.</summary>
internal static class ReceiptRecord
{
    public static void Write(RecordWriter record, long entry, in OwedReceipt owed) =>
        record.Start(RecordKind.ReceiptOwed).Add(entry).Add((byte)owed.Marks).Add(owed.Sender).Add(owed.Target).Add(owed.CommandId).AddUser(owed.User);

    public static (long Entry, OwedReceipt Owed) Read(ref RecordReader record)
    {
        long entry = record.ReadNumber();
        ReceiptMarks marks = (ReceiptMarks)record.ReadByte();
        string sender = record.ReadText();
        string target = record.ReadText();
        return (entry, new OwedReceipt(sender, target, record.ReadText(), marks) { User = record.ReadUserIdentity() });
    }
}
