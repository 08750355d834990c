using System;
using System.Text;

namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Reads the members of one JSON object in the order they come, out of a buffer it does not copy. Made for hostile input: no
    /// recursion, nothing allocated but the strings asked for, every byte checked. Values that are objects or arrays are checked and passed
    /// over; <see cref="ValueOffset"/> and <see cref="ValueLength"/> say where they stand, for a second reader.
    /// <code>
    /// reader.Start(buffer, 0, length);
    /// while (reader.Read()) { if (reader.NameIs("id")) ... }
    /// if (reader.IsMalformed) ...
    /// </code>
    /// </summary>
    public sealed class FlatJsonReader
    {
        private readonly JsonScanner _scanner = new JsonScanner();
        private byte[] _buffer = JsonEmpty.Object;
        private int _end;
        private int _nameOffset;
        private int _nameLength;
        private bool _valueHasEscape;
        private bool _valueHasZero;
        private State _state = State.Ended;

        private enum State
        {
            BeforeFirst,
            BehindValue,
            Ended,
        }

        /// <summary>True once a byte was found that cannot stand there. What was read before it is not to be trusted.</summary>
        public bool IsMalformed { get; private set; }

        /// <summary>Kind of the value read last.</summary>
        public JsonKind Kind { get; private set; }

        /// <summary>Where the value read last begins in the buffer, in bytes; quotes and brackets are part of it.</summary>
        public int ValueOffset { get; private set; }

        /// <summary>Bytes of the value read last.</summary>
        public int ValueLength { get; private set; }

        /// <summary>Begins with a new object. The buffer must not change while it is being read.</summary>
        /// <exception cref="ArgumentOutOfRangeException">The range is not inside the buffer.</exception>
        public void Start(byte[] buffer, int offset, int count)
        {
            if (offset < 0 || count < 0 || count > buffer.Length - offset)
            {
                throw new ArgumentOutOfRangeException(nameof(count));
            }

            _buffer = buffer;
            _end = offset + count;
            _scanner.Start(buffer, offset, count);
            _state = State.BeforeFirst;
            IsMalformed = false;
            Kind = JsonKind.None;
        }

        /// <summary>Goes to the next member. False behind the last one and when the text is malformed.</summary>
        public bool Read()
        {
            Kind = JsonKind.None;
            if (_state == State.Ended)
            {
                return false;
            }

            bool first = _state == State.BeforeFirst;
            if (first && !_scanner.TryPass('{'))
            {
                return Fail();
            }

            if (_scanner.TryPass('}'))
            {
                // Nothing but white space may stand behind the object.
                _state = State.Ended;
                return _scanner.Peek() < 0 ? false : Fail();
            }

            if (!first && !_scanner.TryPass(','))
            {
                return Fail();
            }

            return TryReadMember() || Fail();
        }

        /// <summary>True if the member read last has this name (ASCII).</summary>
        public bool NameIs(string name)
        {
            if (name.Length != _nameLength)
            {
                return false;
            }

            for (int i = 0; i < name.Length; i++)
            {
                if (_buffer[_nameOffset + i] != name[i])
                {
                    return false;
                }
            }

            return true;
        }

        /// <summary>The name of the member read last. Allocates; <see cref="NameIs"/> does not.</summary>
        public string GetName()
        {
            return Encoding.UTF8.GetString(_buffer, _nameOffset, _nameLength);
        }

        /// <summary>
        /// The value read last, if it is a string of at most so many bytes of UTF-8 (before escapes are resolved). Not one with U+0000 in it: on a
        /// board a string ends there, so two different texts would be the same.
        /// </summary>
        public bool TryGetString(int bytesMax, out string value)
        {
            value = "";
            int length = ValueLength - 2;
            if (Kind != JsonKind.String || length > bytesMax || _valueHasZero)
            {
                return false;
            }

            value = _valueHasEscape
                ? JsonText.Unescape(_buffer, ValueOffset + 1, length)
                : Encoding.UTF8.GetString(_buffer, ValueOffset + 1, length);
            return true;
        }

        /// <summary>The value read last as it was written, if it is a number; else empty.</summary>
        public string GetNumberText()
        {
            return Kind == JsonKind.Number ? Encoding.UTF8.GetString(_buffer, ValueOffset, ValueLength) : "";
        }

        /// <summary>The value read last, if it is a whole number written without fraction and exponent that fits into 64 bits.</summary>
        public bool TryGetInt64(out long value)
        {
            value = 0;
            return Kind == JsonKind.Number && JsonNumber.TryParseInt64(_buffer, ValueOffset, ValueLength, out value);
        }

        /// <summary>The value read last, if it is a number a double can hold.</summary>
        public bool TryGetDouble(out double value)
        {
            value = 0;
            return Kind == JsonKind.Number && JsonNumber.TryParseDouble(_buffer, ValueOffset, ValueLength, out value);
        }

        /// <summary>The value read last, if it is <c>true</c> or <c>false</c>.</summary>
        public bool TryGetBoolean(out bool value)
        {
            value = Kind == JsonKind.Boolean && _buffer[ValueOffset] == 't';
            return Kind == JsonKind.Boolean;
        }

        private bool TryReadMember()
        {
            // White space in front of the name is passed by Peek; then the name begins behind its quote.
            _scanner.Peek();
            _nameOffset = _scanner.Position + 1;
            // A name with escapes could be spelled in many ways and mean one thing here and another at the next reader: refused.
            if (!_scanner.TryPassString() || _scanner.HadEscape)
            {
                return false;
            }

            _nameLength = _scanner.Position - 1 - _nameOffset;
            if (_nameLength > WireLimits.JsonNameBytesMax || !_scanner.TryPass(':'))
            {
                return false;
            }

            _scanner.Peek();
            ValueOffset = _scanner.Position;
            JsonKind kind;
            if (ValueOffset >= _end || !_scanner.TryPassValue(out kind))
            {
                return false;
            }

            ValueLength = _scanner.Position - ValueOffset;
            _valueHasEscape = kind == JsonKind.String && _scanner.HadEscape;
            _valueHasZero = kind == JsonKind.String && _scanner.HadZero;
            Kind = kind;
            _state = State.BehindValue;
            return true;
        }

        private bool Fail()
        {
            _state = State.Ended;
            IsMalformed = true;
            Kind = JsonKind.None;
            return false;
        }
    }
}
