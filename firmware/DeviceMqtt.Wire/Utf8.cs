namespace DeviceMqtt.Wire
{
    /// <summary>UTF-8 (RFC 3629) and hexadecimal digits, byte by byte.</summary>
    internal static class Utf8
    {
        /// <summary>
        /// Length of the well-formed sequence of two to four bytes at an index, or 0: overlong forms, surrogates and anything above
        /// U+10FFFF are not well-formed (RFC 3629, section 4).
        /// </summary>
        internal static int SequenceLength(byte[] buffer, int index, int end)
        {
            byte first = buffer[index];
            int length = first >= 0xC2 && first <= 0xDF ? 2 : first >= 0xE0 && first <= 0xEF ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
            if (length == 0 || length > end - index)
            {
                return 0;
            }

            byte second = buffer[index + 1];
            byte low = first == 0xE0 ? (byte)0xA0 : first == 0xF0 ? (byte)0x90 : (byte)0x80;
            byte high = first == 0xED ? (byte)0x9F : first == 0xF4 ? (byte)0x8F : (byte)0xBF;
            if (second < low || second > high)
            {
                return 0;
            }

            for (int i = 2; i < length; i++)
            {
                if ((buffer[index + i] & 0xC0) != 0x80)
                {
                    return 0;
                }
            }

            return length;
        }

        /// <summary>Writes one code point; the caller has made room for four bytes. Returns how many it took.</summary>
        internal static int Write(byte[] buffer, int index, int codePoint)
        {
            if (codePoint < 0x80)
            {
                buffer[index] = (byte)codePoint;
                return 1;
            }

            if (codePoint < 0x800)
            {
                buffer[index] = (byte)(0xC0 | (codePoint >> 6));
                buffer[index + 1] = (byte)(0x80 | (codePoint & 0x3F));
                return 2;
            }

            if (codePoint < 0x10000)
            {
                buffer[index] = (byte)(0xE0 | (codePoint >> 12));
                buffer[index + 1] = (byte)(0x80 | ((codePoint >> 6) & 0x3F));
                buffer[index + 2] = (byte)(0x80 | (codePoint & 0x3F));
                return 3;
            }

            buffer[index] = (byte)(0xF0 | (codePoint >> 18));
            buffer[index + 1] = (byte)(0x80 | ((codePoint >> 12) & 0x3F));
            buffer[index + 2] = (byte)(0x80 | ((codePoint >> 6) & 0x3F));
            buffer[index + 3] = (byte)(0x80 | (codePoint & 0x3F));
            return 4;
        }

        internal static int HexDigit(byte c)
        {
            return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        }
    }
}
