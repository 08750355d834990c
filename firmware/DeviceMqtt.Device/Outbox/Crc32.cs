namespace DeviceMqtt.Device
{
    /// <summary>CRC-32 as in zlib (polynomial 0x04C11DB7, reflected), four bits at a time: sixteen entries of table instead of 256.</summary>
    internal sealed class Crc32
    {
        private const uint ReflectedPolynomial = 0xEDB88320;
        private const int TableLength = 16;

        private readonly uint[] _table = new uint[TableLength];

        internal Crc32()
        {
            for (int i = 0; i < TableLength; i++)
            {
                uint value = (uint)i;
                for (int bit = 0; bit < 4; bit++)
                {
                    value = (value & 1) != 0 ? (value >> 1) ^ ReflectedPolynomial : value >> 1;
                }

                _table[i] = value;
            }
        }

        internal uint Of(byte[] bytes, int offset, int count)
        {
            uint crc = 0xFFFFFFFF;
            for (int i = 0; i < count; i++)
            {
                crc ^= bytes[offset + i];
                crc = (crc >> 4) ^ _table[(int)(crc & 15)];
                crc = (crc >> 4) ^ _table[(int)(crc & 15)];
            }

            return ~crc;
        }
    }
}
