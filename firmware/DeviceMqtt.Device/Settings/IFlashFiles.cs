namespace DeviceMqtt.Device
{
    /// <summary>Small files in a board's flash, by name. Reads and writes whole files; never throws.</summary>
    public interface IFlashFiles
    {
        /// <summary>The content, or null if there is no file, it is longer, or the flash fails. Empty if power was cut while a shorter content was written.</summary>
        /// <param name="name">Name without a path.</param>
        /// <param name="bytesMax">Most bytes that are wanted.</param>
        byte[]? Read(string name, int bytesMax);

        /// <summary>
        /// Writes the content in place of what was there. False if the flash fails or is full. A power cut leaves the one or the other if the new content is as
        /// long as what was there, or longer; else it may leave an empty file. So what must not be lost is written at one length.
        /// </summary>
        bool TryWrite(string name, byte[] content);
    }
}
