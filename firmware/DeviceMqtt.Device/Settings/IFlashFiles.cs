namespace DeviceMqtt.Device
{
    /// <summary>Small files in a board's flash, by name. Reads and writes whole files; never throws.</summary>
    public interface IFlashFiles
    {
        /// <summary>The content, or null if there is none, it is longer, or the flash fails.</summary>
        /// <param name="name">Name without a path.</param>
        /// <param name="bytesMax">Most bytes that are wanted.</param>
        byte[]? Read(string name, int bytesMax);

        /// <summary>Writes the content in place of what was there. False if the flash fails or is full.</summary>
        bool TryWrite(string name, byte[] content);
    }
}
