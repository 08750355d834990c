using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>A pin with nothing behind it.</summary>
internal sealed class SimulatedOutput : IDigitalOutput
{
    internal bool IsOn { get; private set; }

    public bool TryWrite(bool isOn)
    {
        IsOn = isOn;
        return true;
    }
}
