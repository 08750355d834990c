using System.Text;

namespace DeviceMqtt.Wire
{
    /// <summary>Strings with escapes, after <see cref="JsonScanner"/> has checked them.</summary>
    internal static class JsonText
    {
        internal static string Unescape(byte[] buffer, int offset, int count)
        {
            // The resolved text is never longer than the escaped one: \n is two bytes for one, \u20ac is six for three.
            byte[] text = new byte[count];
            int length = 0;
            int end = offset + count;
            int i = offset;
            while (i < end)
            {
                if (buffer[i] != '\\')
                {
                    text[length++] = buffer[i++];
                    continue;
                }

                byte escape = buffer[i + 1];
                i += 2;
                if (escape != 'u')
                {
                    text[length++] = Resolve(escape);
                    continue;
                }

                int codePoint = Hex4(buffer, i);
                i += 4;
                if (codePoint >= 0xD800 && codePoint <= 0xDBFF)
                {
                    codePoint = 0x10000 + ((codePoint - 0xD800) << 10) + (Hex4(buffer, i + 2) - 0xDC00);
                    i += 6;
                }

                length += Utf8.Write(text, length, codePoint);
            }

            return Encoding.UTF8.GetString(text, 0, length);
        }

        private static byte Resolve(byte escape)
        {
            switch (escape)
            {
                case (byte)'b': return 0x08;
                case (byte)'f': return 0x0C;
                case (byte)'n': return 0x0A;
                case (byte)'r': return 0x0D;
                case (byte)'t': return 0x09;
                default: return escape;
            }
        }

        private static int Hex4(byte[] buffer, int index)
        {
            int value = 0;
            for (int i = 0; i < 4; i++)
            {
                value = (value << 4) | Utf8.HexDigit(buffer[index + i]);
            }

            return value;
        }
    }
}
