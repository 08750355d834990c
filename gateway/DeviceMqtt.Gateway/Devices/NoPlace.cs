namespace DeviceMqtt.Gateway.Devices;

/// <summary>What the route of a topic leads to where its device, or its stream, found no room.</summary>
/// <param name="Forgotten">Devices that were forgotten by then: with another number there may be room.</param>
/// <param name="Ms">Monotonic milliseconds.</param>
internal sealed record NoPlace(long Forgotten, long Ms)
{
    // Chosen: what gives room without a device that goes (a birth that is smaller) is found as soon as anybody notices.
    private const long AgainMs = 60_000;

    /// <summary>It is worth another try.</summary>
    public bool IsOver(long forgotten, long nowMs) => forgotten != Forgotten || nowMs - Ms >= AgainMs;
}
