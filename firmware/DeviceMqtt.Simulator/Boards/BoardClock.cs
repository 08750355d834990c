using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>The PC's clock, or that of a board which no time server has answered yet. It can be told another time.</summary>
internal sealed class BoardClock(bool isSet) : ISettableClock
{
    private long _aheadMs;
    private bool _isSet = isSet;

    public bool TryGetUnixMs(out long unixMs)
    {
        unixMs = _isSet ? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + _aheadMs : 0;
        return _isSet;
    }

    public bool TrySet(long unixMs)
    {
        _aheadMs = unixMs - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        _isSet = true;
        return true;
    }
}
