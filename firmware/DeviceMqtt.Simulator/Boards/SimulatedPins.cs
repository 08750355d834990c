using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>Pins 12 to 19 of a virtual board, to which nothing is connected.</summary>
internal sealed class SimulatedPins : IPins
{
    private const int First = 12;
    private readonly bool[] _isHigh = new bool[20];

    public int Last => _isHigh.Length - 1;

    public bool IsFree(int pin) => pin >= First && pin <= Last;

    public bool TryRead(int pin, out bool isHigh)
    {
        isHigh = _isHigh[pin];
        return true;
    }

    public bool TryWrite(int pin, bool isHigh)
    {
        _isHigh[pin] = isHigh;
        return true;
    }
}
