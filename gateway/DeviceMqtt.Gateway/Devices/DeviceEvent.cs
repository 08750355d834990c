namespace DeviceMqtt.Gateway.Devices;

/// <summary>One event that a device told, or that the gateway noted about it.</summary>
/// <param name="Number">Counts up over all devices.</param>
/// <param name="UnixMs">When it happened.</param>
/// <param name="Name">Last level of the topic, or <c>start</c> for a birth with a new boot.</param>
/// <param name="Payload">As it came, at most <see cref="DeviceBook.EventBytesMax"/> of it.</param>
/// <param name="IsLate">It was sent later than it happened.</param>
internal sealed record DeviceEvent(long Number, long UnixMs, string Name, byte[] Payload, bool IsLate)
{
    private const int ObjectBytes = 120; // with its array and its place in the queue

    /// <summary>Of memory.</summary>
    public long Bytes => ObjectBytes + Payload.Length + (Name.Length * sizeof(char));
}
