namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Walks over JSON text (RFC 8259) and says where each value ends, without building anything. The input is hostile: no recursion,
    /// nesting is bounded by <see cref="WireLimits.JsonDepthMax"/>, strings must be valid UTF-8, nothing behind the end is touched.
    /// </summary>
    internal sealed class JsonScanner
    {
        private byte[] _buffer = JsonEmpty.Object;
        private int _end;

        internal int Position { get; private set; }

        /// <summary>True if the string passed last contained a backslash.</summary>
        internal bool HadEscape { get; private set; }

        /// <summary>True if the string passed last contained U+0000, which ends a string on a board.</summary>
        internal bool HadZero { get; private set; }

        internal void Start(byte[] buffer, int offset, int count)
        {
            _buffer = buffer;
            Position = offset;
            _end = offset + count;
        }

        /// <summary>The next byte behind white space, or -1 at the end. Leaves Position on it.</summary>
        internal int Peek()
        {
            while (Position < _end)
            {
                byte c = _buffer[Position];
                if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
                {
                    return c;
                }

                Position++;
            }

            return -1;
        }

        /// <summary>Passes one byte if it is the next one behind white space.</summary>
        internal bool TryPass(char expected)
        {
            if (Peek() != expected)
            {
                return false;
            }

            Position++;
            return true;
        }

        /// <summary>Passes a whole value of any kind. False if it is not valid JSON or nests too deep.</summary>
        internal bool TryPassValue(out JsonKind kind)
        {
            int first = Peek();
            kind = first == '{' ? JsonKind.Object : first == '[' ? JsonKind.Array : JsonKind.None;
            return kind == JsonKind.None ? TryPassScalar(out kind) : TryPassContainer();
        }

        /// <summary>Passes a string in quotes: no control character, only the escapes of the RFC, surrogates only in pairs, valid UTF-8.</summary>
        internal bool TryPassString()
        {
            HadEscape = false;
            HadZero = false;
            if (!TryPass('"'))
            {
                return false;
            }

            while (Position < _end)
            {
                byte c = _buffer[Position];
                if (c == '"')
                {
                    Position++;
                    return true;
                }

                bool valid;
                if (c == '\\')
                {
                    HadEscape = true;
                    valid = TryPassEscape();
                }
                else if (c < 0x80)
                {
                    valid = c >= 0x20;
                    Position++;
                }
                else
                {
                    int length = Utf8.SequenceLength(_buffer, Position, _end);
                    valid = length > 0;
                    Position += length;
                }

                if (!valid)
                {
                    return false;
                }
            }

            return false;
        }

        private bool TryPassEscape()
        {
            Position++;
            if (Position >= _end)
            {
                return false;
            }

            byte c = _buffer[Position++];
            if (c != 'u')
            {
                return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
            }

            int unit = PassHex4();
            HadZero |= unit == 0;
            if (unit < 0xD800 || unit > 0xDFFF)
            {
                return unit >= 0;
            }

            // A high surrogate must be followed by a low one; a low one alone names no character.
            if (unit > 0xDBFF || Position + 2 > _end || _buffer[Position] != '\\' || _buffer[Position + 1] != 'u')
            {
                return false;
            }

            Position += 2;
            int low = PassHex4();
            return low >= 0xDC00 && low <= 0xDFFF;
        }

        private int PassHex4()
        {
            if (Position + 4 > _end)
            {
                return -1;
            }

            int value = 0;
            for (int i = 0; i < 4; i++)
            {
                int digit = Utf8.HexDigit(_buffer[Position++]);
                if (digit < 0)
                {
                    return -1;
                }

                value = (value << 4) | digit;
            }

            return value;
        }

        private bool TryPassScalar(out JsonKind kind)
        {
            int first = Peek();
            if (first == '"')
            {
                kind = JsonKind.String;
                return TryPassString();
            }

            if (first == '-' || (first >= '0' && first <= '9'))
            {
                kind = JsonKind.Number;
                return TryPassNumber();
            }

            if (first == 'n')
            {
                kind = JsonKind.Null;
                return TryPassWord("null");
            }

            kind = JsonKind.Boolean;
            return TryPassWord(first == 't' ? "true" : "false");
        }

        private bool TryPassWord(string word)
        {
            if (word.Length > _end - Position)
            {
                return false;
            }

            for (int i = 0; i < word.Length; i++)
            {
                if (_buffer[Position + i] != word[i])
                {
                    return false;
                }
            }

            Position += word.Length;
            return true;
        }

        private bool TryPassNumber()
        {
            if (_buffer[Position] == '-')
            {
                Position++;
            }

            // No leading zero: "0" stands alone.
            if (Position < _end && _buffer[Position] == '0')
            {
                Position++;
            }
            else if (PassDigits() == 0)
            {
                return false;
            }

            if (Position < _end && _buffer[Position] == '.')
            {
                Position++;
                if (PassDigits() == 0)
                {
                    return false;
                }
            }

            if (Position < _end && (_buffer[Position] == 'e' || _buffer[Position] == 'E'))
            {
                Position++;
                if (Position < _end && (_buffer[Position] == '+' || _buffer[Position] == '-'))
                {
                    Position++;
                }

                return PassDigits() > 0;
            }

            return true;
        }

        private int PassDigits()
        {
            int start = Position;
            while (Position < _end && _buffer[Position] >= '0' && _buffer[Position] <= '9')
            {
                Position++;
            }

            return Position - start;
        }

        /// <summary>Objects and arrays without recursion: one bit per level says which of the two is open.</summary>
        private bool TryPassContainer()
        {
            int depth = 0;
            uint objects = 0;
            while (true)
            {
                // Here a value must come.
                int first = Peek();
                if (first == '{' || first == '[')
                {
                    if (depth == WireLimits.JsonDepthMax)
                    {
                        return false;
                    }

                    Position++;
                    depth++;
                    objects = (objects << 1) | (first == '{' ? 1u : 0u);
                    if (Peek() != (first == '{' ? '}' : ']'))
                    {
                        if (first == '{' && !TryPassName())
                        {
                            return false;
                        }

                        continue;
                    }
                }
                else if (!TryPassScalar(out _))
                {
                    return false;
                }

                // Here a value has ended or an empty container is to be closed: close what closes, then go on behind a comma.
                while (depth > 0 && TryPass((objects & 1) != 0 ? '}' : ']'))
                {
                    depth--;
                    objects >>= 1;
                }

                if (depth == 0)
                {
                    return true;
                }

                if (!TryPass(',') || ((objects & 1) != 0 && !TryPassName()))
                {
                    return false;
                }
            }
        }

        private bool TryPassName()
        {
            return TryPassString() && TryPass(':');
        }
    }
}
