namespace DeviceMqtt.Device
{
    /// <summary>One part on an I2C bus, by registers. A transfer ends within a second, with an error if nobody answers.</summary>
    public interface II2cDevice
    {
        /// <summary>Reads registers from one on.</summary>
        /// <param name="address">Number of the first register.</param>
        /// <param name="values">Filled to its end.</param>
        SensorError Read(byte address, byte[] values);

        /// <summary>Writes one register.</summary>
        SensorError Write(byte address, byte value);
    }
}
