namespace DeviceMqtt.Device
{
    /// <summary>
    /// 64 bits that stand for a text (FNV-1a): 32 commands are remembered, so two different ones look alike once in 10^16 times, and a text of any
    /// length costs eight bytes. Not against forgery: who may send commands has no use for one.
    /// </summary>
    internal sealed class CommandHash
    {
        private const ulong Basis = 14695981039346656037;
        private const ulong Prime = 1099511628211;

        private ulong _value = Basis;

        internal long Value => (long)_value;

        internal void Begin()
        {
            _value = Basis;
        }

        /// <summary>Adds bytes, and an end: "ab" and "c" is not "a" and "bc".</summary>
        internal void Add(byte[] bytes)
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                AddByte(bytes[i]);
            }

            AddByte(0);
        }

        /// <summary>Adds JSON text, without the white space between its parts.</summary>
        internal void AddJson(byte[] bytes, int offset, int count)
        {
            bool isInText = false;
            for (int i = offset; i < offset + count; i++)
            {
                byte c = bytes[i];
                if (!isInText && (c == ' ' || c == '\t' || c == '\r' || c == '\n'))
                {
                    continue;
                }

                AddByte(c);
                if (c == '\\' && isInText)
                {
                    // What is escaped neither ends the text nor escapes again.
                    i++;
                    AddByte(bytes[i]);
                }
                else if (c == '"')
                {
                    isInText = !isInText;
                }
            }
        }

        private void AddByte(byte value)
        {
            _value = (_value ^ value) * Prime;
        }
    }
}
