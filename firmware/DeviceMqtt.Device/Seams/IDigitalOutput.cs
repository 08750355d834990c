namespace DeviceMqtt.Device
{
    /// <summary>A pin that switches something.</summary>
    public interface IDigitalOutput
    {
        /// <summary>Switches; on is on, whatever level the wiring needs for it. False if the pin could not be driven.</summary>
        bool TryWrite(bool isOn);
    }
}
