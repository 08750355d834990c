namespace DeviceMqtt.Broker.Words;

/// <summary>Facts about <see cref="DropReason"/>.</summary>
internal static class DropReasons
{
    /// <summary>How many there are; they are numbered without gaps.</summary>
    public static readonly int Count = Enum.GetValues<DropReason>().Length;
}
