namespace DeviceMqtt.Device
{
    /// <summary>The check byte of 1-Wire parts (Maxim application note 27): x^8 + x^5 + x^4 + 1, lowest bit first.</summary>
    public static class OneWireCrc
    {
        // The polynomial backwards, because the lowest bit goes first.
        private const int Polynomial = 0x8C;

        /// <summary>Over so many bytes; 0 over data and its own check byte.</summary>
        public static byte Compute(byte[] data, int count)
        {
            int crc = 0;
            for (int i = 0; i < count; i++)
            {
                crc ^= data[i];
                for (int bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
                }
            }

            return (byte)crc;
        }
    }
}
