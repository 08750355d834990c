namespace DeviceMqtt.Device.Tests
{
    /// <summary>A pin without a board.</summary>
    internal sealed class FakeOutput : IDigitalOutput
    {
        internal bool IsOn { get; private set; }

        internal bool Fails { get; set; }

        internal int Writes { get; private set; }

        public bool TryWrite(bool isOn)
        {
            Writes++;
            IsOn = !Fails && isOn;
            return !Fails;
        }
    }
}
