using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Messages between the MQTT library's thread, which puts them in, and the device loop, which takes them out. They were acknowledged
    /// before they came here, so the inbox outlives the connection. Bounded in messages and bytes; all state is under its own lock.
    /// </summary>
    internal sealed class Inbox
    {
        private readonly object _gate = new object();
        private readonly string[] _topics = EmptyTexts.Make(DeviceLimits.InboxMessagesMax);
        private readonly byte[][] _payloads = new byte[DeviceLimits.InboxMessagesMax][];
        private readonly bool[] _surplus = new bool[DeviceLimits.InboxMessagesMax];
        private int _first;
        private int _count;
        private int _bytes;
        private int _dropped;

        /// <summary>Messages that found no room since boot.</summary>
        internal int Dropped
        {
            get
            {
                lock (_gate)
                {
                    return _dropped;
                }
            }
        }

        /// <summary>Keeps a message for the loop, or drops and counts it. Never throws, never blocks for long.</summary>
        internal void Put(string topic, byte[] payload)
        {
            lock (_gate)
            {
                // One message may be longer than the bound, if it is alone: its sender is to learn that it was too long.
                bool fits = _count == 0 || payload.Length <= DeviceLimits.InboxBytesMax - _bytes;
                if (_count == _topics.Length || !fits)
                {
                    _dropped++;
                    return;
                }

                int at = (_first + _count) % _topics.Length;
                _topics[at] = topic;
                _payloads[at] = payload;
                _surplus[at] = _count >= DeviceLimits.CommandsWaitingMax;
                _count++;
                _bytes += payload.Length;
            }
        }

        /// <summary>Takes the oldest message.</summary>
        /// <param name="topic">Topic name.</param>
        /// <param name="payload">Payload.</param>
        /// <param name="isSurplus">True if it came while too many others waited: it is to be answered with busy.</param>
        internal bool TryTake(out string topic, out byte[] payload, out bool isSurplus)
        {
            lock (_gate)
            {
                if (_count == 0)
                {
                    topic = "";
                    payload = Nothing.Bytes;
                    isSurplus = false;
                    return false;
                }

                topic = _topics[_first];
                payload = _payloads[_first];
                isSurplus = _surplus[_first];
                _topics[_first] = "";
                _payloads[_first] = Nothing.Bytes;
                _first = (_first + 1) % _topics.Length;
                _count--;
                _bytes -= payload.Length;
                return true;
            }
        }
    }
}
