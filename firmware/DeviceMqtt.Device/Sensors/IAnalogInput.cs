namespace DeviceMqtt.Device
{
    /// <summary>A pin whose voltage is measured.</summary>
    public interface IAnalogInput
    {
        /// <summary>Measures once.</summary>
        /// <param name="ratio">0 at 0 V, 1 at the highest voltage the converter can tell.</param>
        SensorError Read(out double ratio);
    }
}
