namespace DeviceMqtt.Device
{
    /// <summary>
    /// A file of fixed size in flash, for messages that are to survive a restart. What was written is on the flash when the write returns. Written
    /// rarely and in batches: flash wears out, and a write may take tens of milliseconds. Never throws.
    /// </summary>
    public interface IRingFile
    {
        /// <summary>Its size.</summary>
        int Bytes { get; }

        /// <summary>Reads a part. False if the flash fails; a part that was never written reads as zeros.</summary>
        /// <param name="offset">Where the part begins in the file.</param>
        /// <param name="buffer">Filled from its beginning.</param>
        /// <param name="count">Bytes of the part; it lies inside the file.</param>
        bool TryRead(int offset, byte[] buffer, int count);

        /// <summary>Writes a part. False if the flash fails or is full; then the part may hold anything.</summary>
        /// <param name="offset">Where the part begins in the file.</param>
        /// <param name="buffer">Written from its beginning.</param>
        /// <param name="count">Bytes of the part; it lies inside the file.</param>
        bool TryWrite(int offset, byte[] buffer, int count);
    }
}
