namespace DeviceMqtt.Device.Esp32
{
    /// <summary>What a pin must be able to do.</summary>
    internal enum PinRole
    {
        /// <summary>Read a level.</summary>
        Input,

        /// <summary>Drive a level, or a bus.</summary>
        Output,

        /// <summary>Measure a voltage.</summary>
        Analog,

        /// <summary>Soldered on the board: cannot be another pin.</summary>
        Fixed,
    }
}
