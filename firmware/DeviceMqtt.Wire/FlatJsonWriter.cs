using System;

namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Writes one JSON object into a buffer that is reused for the next one. Nothing is allocated but by <see cref="ToArray"/>. What does not
    /// fit is not written: <see cref="Overflowed"/> stays true until the next <see cref="Begin"/>, and the caller sends nothing.
    /// </summary>
    public sealed class FlatJsonWriter
    {
        // The longest escape of one UTF-16 unit is \u001f; the longest UTF-8 sequence has four bytes.
        private const int BytesPerCharMax = 6;

        private bool _needsComma;

        /// <param name="capacityBytes">Largest object it can write, in bytes.</param>
        public FlatJsonWriter(int capacityBytes)
        {
            Buffer = new byte[capacityBytes];
        }

        /// <summary>The text, in its first <see cref="Length"/> bytes.</summary>
        public byte[] Buffer { get; }

        /// <summary>Bytes written so far.</summary>
        public int Length { get; private set; }

        /// <summary>True if something did not fit since <see cref="Begin"/>.</summary>
        public bool Overflowed { get; private set; }

        /// <summary>Forgets the last object and opens a new one.</summary>
        public void Begin()
        {
            Length = 0;
            Overflowed = false;
            _needsComma = false;
            Put('{');
        }

        /// <summary>Closes the object. False if it did not fit.</summary>
        public bool End()
        {
            EndObject();
            return !Overflowed;
        }

        /// <summary>Takes back what was written behind a length that the text once had, between two members of the outermost object.</summary>
        public void CutTo(int length)
        {
            Length = length;
            Overflowed = false;
            _needsComma = true;
        }

        /// <summary>Adds a string; it is escaped as needed. A lone surrogate becomes U+FFFD.</summary>
        public void Add(string name, string value)
        {
            Name(name);
            Text(value);
            _needsComma = true;
        }

        /// <summary>Adds a whole number.</summary>
        public void Add(string name, long value)
        {
            Name(name);
            Number(value, 1);
            _needsComma = true;
        }

        /// <summary>
        /// Adds a number with at most so many digits behind the point (0 to 9), rounded half away from zero, without trailing zeros. What is
        /// not a number, and what has more than 18 digits in all, becomes <c>null</c>.
        /// </summary>
        public void Add(string name, double value, int decimals)
        {
            Name(name);
            Fraction(value, decimals);
            _needsComma = true;
        }

        /// <summary>Adds <c>true</c> or <c>false</c>.</summary>
        public void Add(string name, bool value)
        {
            Name(name);
            Ascii(value ? "true" : "false");
            _needsComma = true;
        }

        /// <summary>Adds a value that is JSON already, copied as it stands.</summary>
        public void AddJson(string name, byte[] json, int offset, int count)
        {
            Name(name);
            if (HasRoom(count))
            {
                Array.Copy(json, offset, Buffer, Length, count);
                Length += count;
            }

            _needsComma = true;
        }

        /// <summary>Opens an object inside this one.</summary>
        public void BeginObject(string name)
        {
            Name(name);
            Put('{');
            _needsComma = false;
        }

        /// <summary>Closes the object opened last.</summary>
        public void EndObject()
        {
            Put('}');
            _needsComma = true;
        }

        /// <summary>Opens an array inside this object.</summary>
        public void BeginArray(string name)
        {
            Name(name);
            Put('[');
            _needsComma = false;
        }

        /// <summary>Adds a string to the array opened last.</summary>
        public void AddItem(string value)
        {
            Comma();
            Text(value);
            _needsComma = true;
        }

        /// <summary>Closes the array opened last.</summary>
        public void EndArray()
        {
            Put(']');
            _needsComma = true;
        }

        /// <summary>A copy of what was written; the MQTT client needs an array of the exact size.</summary>
        public byte[] ToArray()
        {
            byte[] copy = new byte[Length];
            Array.Copy(Buffer, 0, copy, 0, Length);
            return copy;
        }

        private void Name(string name)
        {
            Comma();
            Text(name);
            Put(':');
        }

        private void Comma()
        {
            if (_needsComma)
            {
                Put(',');
            }
        }

        private void Ascii(string text)
        {
            for (int i = 0; i < text.Length; i++)
            {
                Put(text[i]);
            }
        }

        private void Text(string text)
        {
            Put('"');
            for (int i = 0; i < text.Length; i++)
            {
                char c = text[i];
                if (c >= '\ud800' && c <= '\udfff')
                {
                    bool pair = c <= '\udbff' && i + 1 < text.Length && text[i + 1] >= '\udc00' && text[i + 1] <= '\udfff';
                    CodePoint(pair ? 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00) : 0xFFFD);
                }
                else if (c == '"' || c == '\\' || c < ' ')
                {
                    Escape(c);
                }
                else
                {
                    CodePoint(c);
                }
            }

            Put('"');
        }

        private void Escape(char c)
        {
            if (c >= ' ')
            {
                Put('\\');
                Put(c);
                return;
            }

            Ascii("\\u00");
            Put(c >= '\u0010' ? '1' : '0');
            int low = c & 0xF;
            Put((char)(low < 10 ? '0' + low : 'a' + low - 10));
        }

        private void CodePoint(int codePoint)
        {
            if (HasRoom(BytesPerCharMax))
            {
                Length += Utf8.Write(Buffer, Length, codePoint);
            }
        }

        private void Fraction(double value, int decimals)
        {
            double scale = 1;
            for (int i = 0; i < decimals; i++)
            {
                scale *= 10;
            }

            double scaled = value * scale;
            // Written so that NaN fails it too. 9e17 keeps the sum below within 64 bits.
            if (!(scaled < 9e17 && scaled > -9e17))
            {
                Ascii("null");
                return;
            }

            bool negative = scaled < 0;
            long digits = (long)((negative ? -scaled : scaled) + 0.5);
            long divisor = (long)scale;
            while (divisor > 1 && digits % 10 == 0)
            {
                digits /= 10;
                divisor /= 10;
            }

            if (negative && digits != 0)
            {
                Put('-');
            }

            Number(digits / divisor, 1);
            if (divisor > 1)
            {
                Put('.');
                Number(digits % divisor, divisor / 10);
            }
        }

        /// <summary>Writes a number, with leading zeros down to the place of the given power of ten.</summary>
        private void Number(long value, long firstPlace)
        {
            if (value < 0)
            {
                Put('-');
            }

            // Found by dividing the value, not by growing the place, which could overflow. The last digit is taken from the negative
            // side, because the smallest long has no positive counterpart.
            long place = firstPlace;
            while (value / place >= 10 || value / place <= -10)
            {
                place *= 10;
            }

            for (; place > 0; place /= 10)
            {
                long digit = value / place % 10;
                Put((char)('0' + (digit < 0 ? -digit : digit)));
            }
        }

        private void Put(char ascii)
        {
            if (HasRoom(1))
            {
                Buffer[Length++] = (byte)ascii;
            }
        }

        private bool HasRoom(int bytes)
        {
            if (Overflowed || bytes > Buffer.Length - Length)
            {
                Overflowed = true;
            }

            return !Overflowed;
        }
    }
}
