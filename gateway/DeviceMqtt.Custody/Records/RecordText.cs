using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>A record in words, for whoever looks into a journal. Never payloads or the text of a Will.</summary>
internal static class RecordText
{
    /// <exception cref="InvalidDataException">The record is cut or of an unknown kind.</exception>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        RecordReader record = new(bytes);
        RecordKind kind = record.ReadKind();
        return kind switch
        {
            RecordKind.Message => OfMessage(ref record),
            RecordKind.SessionBegan => OfSession(SessionRecord.Read(ref record)),
            RecordKind.SessionLeft => $"session left '{record.ReadText()}' at {DateTimeOffset.FromUnixTimeMilliseconds(record.ReadNumber()):u}, expiry {record.ReadNumber()} s{RunningText(ref record)}",
            RecordKind.SessionEnded => $"session ended '{record.ReadText()}'",
            RecordKind.Subscribed => OfSubscription(SubscriptionRecord.Read(ref record)),
            RecordKind.Unsubscribed => $"unsubscribed '{record.ReadText()}' from {record.ReadText()}",
            RecordKind.InboundOpened => $"QoS 2 from '{record.ReadText()}': identifier {record.ReadNumber()} open",
            RecordKind.InboundClosed => $"QoS 2 from '{record.ReadText()}': identifier {record.ReadNumber()} released",
            RecordKind.Held => OfHeld(HeldRecord.Read(ref record)),
            RecordKind.Sent => OfSent(ref record),
            RecordKind.Received => $"entry {record.ReadNumber()} received",
            RecordKind.Settled => OfSettled(record.ReadNumber(), new Outcome(record.ReadByte())),
            RecordKind.Retained => $"message {record.ReadNumber()} retained for {record.ReadText()}{UserText(record.ReadUser())}{(record.IsAtEnd ? "" : $", number {record.ReadNumber()}")}",
            RecordKind.RetainedRemoved => $"nothing retained for {record.ReadText()}",
            RecordKind.DeviceKnown => $"device known '{record.ReadText()}'{UserText(record.ReadUserIdentity().Name)}",
            RecordKind.RoleIs => $"'{record.ReadText()}' has the role {(ClientRole)record.ReadByte()}",
            RecordKind.DeviceReachable => $"device reachable from upstream '{record.ReadText()}'",
            RecordKind.DeviceForgotten => $"device forgotten '{record.ReadText()}'{(record.ReadMark() ? ", and all that waits for it" : "")}",
            RecordKind.WillSet => OfWill(WillRecord.Read(ref record)),
            RecordKind.WillGone => $"will of '{record.ReadText()}' gone",
            RecordKind.LedgerCount => $"ledger up to entry {record.ReadNumber()}: {(LedgerClass)record.ReadByte()}, {OutcomeText(new Outcome(record.ReadByte()))} {record.ReadNumber()}",
            RecordKind.SetAside => $"entry {record.ReadNumber()} set aside, {record.ReadByte()}",
            RecordKind.Clock => ClockRecord.Read(ref record).ToText(),
            RecordKind.ReceiptOwed => OfReceipt(ReceiptRecord.Read(ref record)),
            RecordKind.OfEndedSession => $"entry {record.ReadNumber()} waited for a session that has ended{UserText(record.ReadUserIdentity().Name)}{(record.ReadMark() ? ", of a device that is forgotten" : "")}",
            RecordKind.RetainedGiven => $"'{record.ReadText()}' got for {record.ReadText()} the retained message of number {record.ReadNumber()}",
            RecordKind.RetainedAllGiven => $"'{record.ReadText()}' has all that was retained for {record.ReadText()}",
            RecordKind.Volatile => VolatileRecord.Read(ref record).ToText(),
            RecordKind.TakenBack => $"entry {record.ReadNumber()} waits again",
            _ => throw new InvalidDataException($"a record of kind {(byte)kind}, which this version does not know"),
        };
    }

    private static string OfMessage(ref RecordReader record)
    {
        int flags = record.ReadByte();
        long acceptedUnixMs = record.ReadNumber();
        if (MessageRecord.HasRunningTime(flags))
            _ = record.ReadNumber();
        long lifetimeMs = record.ReadNumber();
        string topic = System.Text.Encoding.UTF8.GetString(record.ReadBytes());
        int properties = record.ReadBytes().Length;
        int payload = record.ReadBytes().Length;
        string expires = lifetimeMs == 0 ? "" : $", expires after {lifetimeMs / 1000} s";
        return $"message {topic}, QoS {flags & 3}, {payload} bytes{(properties > 0 ? $", {properties} bytes of properties" : "")}, {(Origin)((flags >> 4) & 3)}, {DateTimeOffset.FromUnixTimeMilliseconds(acceptedUnixMs):u}{expires}";
    }

    private static string RunningText(ref RecordReader record) => record.IsAtEnd ? "" : $", after {record.ReadNumber() / 1000} s of running";

    private static string OfSession(in SessionRecord session) => $"session '{session.ClientId}', expiry {session.ExpirySeconds} s{(session.IsBridge ? ", a gateway" : "")}{UserText(session.User.Name)}";

    private static string OfSubscription(in SubscriptionRecord subscription) =>
        $"subscribed '{subscription.ClientId}' to {subscription.Filter}, QoS {(int)subscription.QoS}{(subscription.NoLocal ? ", no local" : "")}{(subscription.OwedUpTo is { } number ? $", owed what is retained up to number {number}" : "")}";

    private static string OfHeld(in HeldRecord held) => $"entry {held.Entry}: message {held.Message} waits for {Entry.ClassOf(held.Entry)} '{held.Owner}', QoS {(int)held.QoS}";

    private static string OfSent(ref RecordReader record)
    {
        long entry = record.ReadNumber();
        long packetId = record.ReadNumber();
        if (entry != GivenUpRecord.NoEntry)
            return $"entry {entry} sent as {packetId}";
        byte what = record.ReadByte();
        string text = record.ReadText();
        if (packetId != 0)
            return $"QoS 2 to '{text}': identifier {packetId} {(what == GivenUpRecord.Open ? "of a message that was given up" : "free again")}";
        return what switch
        {
            RestoredRecord.Restored => $"restored from a backup: all before is the state of that ({text})",
            RestoredRecord.HasOldIdentifiers => $"'{text}' has not begun anew since the restore",
            _ => $"'{RestoredRecord.Split(text).Name}' has begun anew",
        };
    }

    private static string OfSettled(long entry, Outcome outcome) => $"entry {entry} {OutcomeText(outcome)}";

    private static string OfWill(in WillRecord will) => $"will of '{will.Client.ClientId}' for {will.Will.Topic}, {will.Will.Payload.Length} bytes{UserText(will.Client.UserName)}";

    private static string UserText(string? userName) => userName is null ? "" : $", user '{userName}'";

    private static string OfReceipt((long Entry, OwedReceipt Owed) receipt) =>
        $"entry {receipt.Entry}: '{receipt.Owed.Sender}' is told what becomes of it{(receipt.Owed.Marks.HasFlag(ReceiptMarks.IsDelivered) ? ", and that it was delivered" : "")}";

    private static string OutcomeText(Outcome outcome) => outcome.IsDelivered ? "delivered" : $"dropped: {outcome.Reason}";
}
