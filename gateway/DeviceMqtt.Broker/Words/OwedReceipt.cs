namespace DeviceMqtt.Broker.Words;

/// <summary>Who is to be told what becomes of a P2P message in custody.</summary>
/// <param name="Sender">Client Identifier of its sender.</param>
/// <param name="Target">Client Identifier of its target.</param>
/// <param name="CommandId">The id of the command; empty if it is none.</param>
/// <param name="Marks">Where the sender is, and what it was told.</param>
internal readonly record struct OwedReceipt(string Sender, string Target, string CommandId, ReceiptMarks Marks);
