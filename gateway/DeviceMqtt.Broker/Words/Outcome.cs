namespace DeviceMqtt.Broker.Words;

/// <summary>How the custody of a message ended: delivered, or dropped for a reason. One byte on disk: 0, or the reason and one.</summary>
internal readonly record struct Outcome(byte Value)
{
    public static readonly Outcome Delivered = new(0);

    public bool IsDelivered => Value == 0;

    /// <summary>Of a message that was not delivered.</summary>
    public DropReason Reason => (DropReason)(Value - 1);

    public static Outcome Drop(DropReason reason) => new((byte)(reason + 1));
}
