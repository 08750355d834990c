namespace DeviceMqtt.Device.Tests
{
    /// <summary>A voltage.</summary>
    internal sealed class FakeAnalogInput : IAnalogInput
    {
        internal double Ratio { get; set; }

        internal SensorError Error { get; set; }

        public SensorError Read(out double ratio)
        {
            ratio = Ratio;
            return Error;
        }
    }
}
