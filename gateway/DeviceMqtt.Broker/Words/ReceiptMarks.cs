namespace DeviceMqtt.Broker.Words;

/// <summary>Of an <see cref="OwedReceipt"/>. The values are on disk: they never change.</summary>
[Flags]
internal enum ReceiptMarks : byte
{
    None = 0,

    /// <summary>The sender is behind an upstream.</summary>
    IsUpstream = 1,

    /// <summary>The target is behind a gateway below, which tells what becomes of it from there on.</summary>
    IsBelow = 2,

    /// <summary>The sender was told that its target has it.</summary>
    IsDelivered = 4,

    /// <summary>The sender was told that its time is over, while it still waits for an upstream.</summary>
    IsOver = 8,
}
