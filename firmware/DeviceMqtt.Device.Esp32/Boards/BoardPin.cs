namespace DeviceMqtt.Device.Esp32
{
    /// <summary>A pin of a board that something is connected to. The same names and numbers stand in hardware/boards/{name}/pins.json.</summary>
    internal sealed class BoardPin
    {
        /// <param name="label">What is printed beside it.</param>
        /// <param name="gpio">GPIO number of the chip.</param>
        /// <param name="use">Part and pin it goes to.</param>
        internal BoardPin(string label, int gpio, string use)
        {
            Label = label;
            Gpio = gpio;
            Use = use;
        }

        internal string Label { get; }

        internal int Gpio { get; }

        internal string Use { get; }
    }
}
