using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>The PC's clock, or that of a board which no time server has answered yet.</summary>
internal sealed class BoardClock(bool isSet) : IClock
{
    public bool TryGetUnixMs(out long unixMs)
    {
        unixMs = isSet ? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() : 0;
        return isSet;
    }
}
