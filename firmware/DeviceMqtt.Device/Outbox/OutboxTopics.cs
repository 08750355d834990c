using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// The topic names of an outbox: few, while its messages are many. A message has the number of its name, because a reference to a string costs
    /// a board twelve bytes.
    /// </summary>
    internal sealed class OutboxTopics
    {
        private readonly string[] _names;
        private readonly ushort[] _uses;

        /// <param name="count">Most names at the same time, at most 255.</param>
        internal OutboxTopics(int count)
        {
            _names = EmptyTexts.Make(count);
            _uses = new ushort[count];
        }

        internal string At(int number)
        {
            return _names[number];
        }

        /// <summary>The number of a name, or one that is free for it; -1 if there is none.</summary>
        internal int Find(string name)
        {
            int free = -1;
            for (int i = 0; i < _names.Length; i++)
            {
                if (_names[i] == name)
                {
                    return i;
                }

                free = _uses[i] == 0 ? i : free;
            }

            return free;
        }

        /// <summary>One more message has this name.</summary>
        internal void Use(int number, string name)
        {
            _names[number] = name;
            _uses[number]++;
        }

        /// <summary>One message less has it.</summary>
        internal void Release(int number)
        {
            _uses[number]--;
        }
    }
}
