using System.Text;

namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Reads the strings of an array that a <see cref="FlatJsonReader"/> has checked and passed over. Items of other kinds are passed over as well.
    /// </summary>
    public sealed class JsonArrayReader
    {
        private readonly JsonScanner _scanner = new JsonScanner();
        private byte[] _buffer = JsonEmpty.Object;
        private bool _isOpen;

        /// <summary>Begins with an array.</summary>
        /// <param name="buffer">The text.</param>
        /// <param name="offset">Where the array begins: its bracket.</param>
        /// <param name="count">Bytes of the array.</param>
        public void Start(byte[] buffer, int offset, int count)
        {
            _buffer = buffer;
            _scanner.Start(buffer, offset, count);
            _isOpen = _scanner.TryPass('[');
        }

        /// <summary>The next string of at most so many bytes, without U+0000. False behind the last; longer ones are passed over.</summary>
        public bool TryRead(int bytesMax, out string value)
        {
            value = "";
            while (_isOpen && _scanner.Peek() >= 0 && !_scanner.TryPass(']'))
            {
                int start = _scanner.Position;
                JsonKind kind;
                _isOpen = _scanner.TryPassValue(out kind);
                int length = _scanner.Position - start - 2;
                bool hasEscape = _scanner.HadEscape;
                bool hasZero = _scanner.HadZero;
                _scanner.TryPass(',');
                if (_isOpen && kind == JsonKind.String && length <= bytesMax && !hasZero)
                {
                    value = hasEscape ? JsonText.Unescape(_buffer, start + 1, length) : Encoding.UTF8.GetString(_buffer, start + 1, length);
                    return true;
                }
            }

            _isOpen = false;
            return false;
        }
    }
}
