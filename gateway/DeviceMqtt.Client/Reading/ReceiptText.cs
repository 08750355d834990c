using DeviceMqtt.Wire;

namespace DeviceMqtt.Client.Reading;

/// <summary>What the gateway says of a command on its way.</summary>
internal readonly record struct ReceiptText(string Status, string Id, string Reason)
{
    private const int TextBytesMax = 256;

    /// <summary>Null when it is no flat JSON; what is missing is empty.</summary>
    public static ReceiptText? Read(byte[] payload)
    {
        FlatJsonReader reader = new();
        string status = "", id = "", reason = "";
        reader.Start(payload, 0, payload.Length);
        while (reader.Read())
        {
            if (reader.NameIs(Receipt.StatusField))
                _ = reader.TryGetString(TextBytesMax, out status);
            else if (reader.NameIs(Receipt.IdField))
                _ = reader.TryGetString(TextBytesMax, out id);
            else if (reader.NameIs(Receipt.ReasonField))
                _ = reader.TryGetString(TextBytesMax, out reason);
        }

        return reader.IsMalformed ? null : new ReceiptText(status, id, reason);
    }
}
