namespace DeviceMqtt.Device
{
    /// <summary>A 1-Wire bus, byte by byte. Nothing here waits for longer than some milliseconds.</summary>
    public interface IOneWireBus
    {
        /// <summary>Resets the bus. False if nobody answers with a presence pulse.</summary>
        bool TryReset();

        /// <summary>Writes a byte, lowest bit first.</summary>
        void Write(byte value);

        /// <summary>Reads a byte; 0xFF if nobody pulls the line down.</summary>
        byte Read();
    }
}
