using System;
using DeviceMqtt.Wire;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Messages of QoS 1 until they are acknowledged, in a ring that never grows.
    /// <list type="bullet">
    /// <item>Order of sending is order of adding; a message leaves the ring when it and all before it are acknowledged or dropped.</item>
    /// <item>When a message does not fit, the oldest are dropped and counted until it does.</item>
    /// <item>When the connection ends, everything in the ring counts as unsent and is marked late.</item>
    /// <item>Payload bytes lie one behind the other in one array; a payload never wraps around its end.</item>
    /// </list>
    /// </summary>
    internal sealed class Outbox
    {
        private readonly byte[] _bytes;
        private readonly string[] _topics;
        private readonly int[] _offsets;
        private readonly int[] _lengths;
        private readonly State[] _states;
        private readonly ushort[] _packetIds;
        private readonly bool[] _late;
        private readonly bool _marksLate;
        private readonly IDeviceLog _log;
        private int _first;

        // Handed to the library and not settled; those that were dropped meanwhile still count.
        private int _inFlight;
        private int _orphans;
        private long _progressMs;

        // Counted from the first message: where sending goes on, and where nothing behind was ever handed over.
        private int _next;
        private int _untouched;

        /// <param name="bytes">Memory for payloads.</param>
        /// <param name="messagesMax">Most messages, however small.</param>
        /// <param name="marksLate">Whether a late message gets the mark of <see cref="TelemetryField.Late"/>.</param>
        /// <param name="log">Told of every drop.</param>
        internal Outbox(int bytes, int messagesMax, bool marksLate, IDeviceLog log)
        {
            _bytes = new byte[bytes];
            _topics = EmptyTexts.Make(messagesMax);
            _offsets = new int[messagesMax];
            _lengths = new int[messagesMax];
            _states = new State[messagesMax];
            _packetIds = new ushort[messagesMax];
            _late = new bool[messagesMax];
            _marksLate = marksLate;
            _log = log;
        }

        private enum State
        {
            Unsent,
            InFlight,
            Acknowledged,
        }

        /// <summary>Messages that are not acknowledged yet, and acknowledged ones behind them.</summary>
        internal int Count { get; private set; }

        /// <summary>Messages dropped since boot.</summary>
        internal int Dropped { get; private set; }

        /// <summary>True if a message of that length fits without dropping another.</summary>
        internal bool HasRoom(int length)
        {
            return Count < _topics.Length && length <= _bytes.Length && FindRoom(length) >= 0;
        }

        /// <summary>Adds a message behind all others. False if it is larger than the whole ring.</summary>
        /// <param name="topic">Topic name.</param>
        /// <param name="payload">Copied from its beginning.</param>
        /// <param name="length">Bytes of the payload.</param>
        /// <param name="isOffline">Whether there is no connection now.</param>
        internal bool TryAdd(string topic, byte[] payload, int length, bool isOffline)
        {
            if (length > _bytes.Length)
            {
                Dropped++;
                _log.Write(DeviceNote.OutboxDropped, topic, Dropped);
                return false;
            }

            int offset = FindRoom(length);
            while (offset < 0 || Count == _topics.Length)
            {
                DropOldest();
                offset = FindRoom(length);
            }

            int at = (_first + Count) % _topics.Length;
            // Behind a late message that still waits, this one will be late as well.
            bool waits = Count > 0 && _states[Before(at)] == State.Unsent && _late[Before(at)];
            Array.Copy(payload, 0, _bytes, offset, length);
            _topics[at] = topic;
            _offsets[at] = offset;
            _lengths[at] = length;
            _states[at] = State.Unsent;
            _late[at] = isOffline || waits;
            Count++;
            return true;
        }

        /// <summary>Sends what may be sent now.</summary>
        internal void Flush(MqttLink link, long nowMs)
        {
            for (; _next < Count && _inFlight < DeviceLimits.OutboxInFlightMax; _next++)
            {
                int at = (_first + _next) % _topics.Length;
                if (_states[at] != State.Unsent)
                {
                    continue;
                }

                ushort packetId;
                if (!link.HasRoom(MqttQoSLevel.AtLeastOnce, nowMs)
                    || !link.TryPublish(_topics[at], CopyPayload(at), MqttQoSLevel.AtLeastOnce, false, nowMs, out packetId))
                {
                    return;
                }

                _progressMs = _inFlight == 0 ? nowMs : _progressMs;
                _states[at] = State.InFlight;
                _packetIds[at] = packetId;
                _inFlight++;
                _untouched = _next >= _untouched ? _next + 1 : _untouched;
            }
        }

        /// <summary>Takes note of what became of a message. False if it is none of this outbox.</summary>
        internal bool TrySettle(ushort packetId, bool isAcknowledged, long nowMs)
        {
            for (int i = 0; i < _untouched; i++)
            {
                int at = (_first + i) % _topics.Length;
                if (_states[at] != State.InFlight || _packetIds[at] != packetId)
                {
                    continue;
                }

                _inFlight--;
                _progressMs = nowMs;
                _states[at] = isAcknowledged ? State.Acknowledged : State.Unsent;
                if (!isAcknowledged)
                {
                    // The library has given it up, not we: again, with the order kept from here on.
                    _late[at] = true;
                    _next = i < _next ? i : _next;
                }

                RemoveAcknowledged();
                return true;
            }

            return false;
        }

        /// <summary>A message was settled that nobody has any more. False if none was dropped while it was in flight.</summary>
        internal bool TrySettleDropped(long nowMs)
        {
            if (_orphans == 0)
            {
                return false;
            }

            _orphans--;
            _inFlight--;
            _progressMs = nowMs;
            return true;
        }

        /// <summary>True if messages are in flight and none of them was settled for too long.</summary>
        internal bool IsOverdue(long nowMs)
        {
            return _inFlight > 0 && nowMs - _progressMs > DeviceLimits.AcknowledgeMs;
        }

        /// <summary>The connection has ended: what was not acknowledged was not sent.</summary>
        internal void ForgetInFlight()
        {
            for (int i = 0; i < Count; i++)
            {
                int at = (_first + i) % _topics.Length;
                _late[at] = true;
                if (_states[at] == State.InFlight)
                {
                    _states[at] = State.Unsent;
                }
            }

            _next = 0;
            _untouched = 0;
            _inFlight = 0;
            _orphans = 0;
        }

        /// <summary>False for a message that was acknowledged and only waits for those before it. The index counts from the oldest.</summary>
        internal bool IsWaiting(int index)
        {
            return _states[(_first + index) % _topics.Length] != State.Acknowledged;
        }

        internal string TopicAt(int index)
        {
            return _topics[(_first + index) % _topics.Length];
        }

        internal int LengthAt(int index)
        {
            return _lengths[(_first + index) % _topics.Length];
        }

        /// <summary>Copies a payload as it was added, without mark.</summary>
        internal void CopyAt(int index, byte[] target, int offset)
        {
            int at = (_first + index) % _topics.Length;
            Array.Copy(_bytes, _offsets[at], target, offset, _lengths[at]);
        }

        /// <summary>Forgets the oldest messages, which are kept elsewhere now. What is in flight is settled as if it had been dropped.</summary>
        internal void Remove(int count)
        {
            for (int i = 0; i < count; i++)
            {
                _orphans += _states[_first] == State.InFlight ? 1 : 0;
                RemoveFirst();
            }

            RemoveAcknowledged();
        }

        private byte[] CopyPayload(int at)
        {
            bool mark = _marksLate && _late[at];
            int length = _lengths[at];
            byte[] payload = new byte[mark ? length + TelemetryField.LateMark.Length : length];
            Array.Copy(_bytes, _offsets[at], payload, 0, length);
            if (mark)
            {
                // In front of the closing brace, which moves behind it.
                string text = TelemetryField.LateMark;
                for (int i = 0; i < text.Length; i++)
                {
                    payload[length - 1 + i] = (byte)text[i];
                }

                payload[payload.Length - 1] = (byte)'}';
            }

            return payload;
        }

        /// <summary>
        /// Where a payload of that length can lie without touching another, or -1.
        /// <code>
        /// |....[first ... last]......|   behind the last, or else at the very beginning
        /// |..last]....[first ........|   between the two
        /// </code>
        /// </summary>
        private int FindRoom(int length)
        {
            if (Count == 0)
            {
                return 0;
            }

            int last = Before((_first + Count) % _topics.Length);
            int start = _offsets[_first];
            int end = _offsets[last] + _lengths[last];
            if (_offsets[last] < start)
            {
                return length <= start - end ? end : -1;
            }

            if (length <= _bytes.Length - end)
            {
                return end;
            }

            return length <= start ? 0 : -1;
        }

        private int Before(int at)
        {
            return (at + _topics.Length - 1) % _topics.Length;
        }

        private void DropOldest()
        {
            // Acknowledged ones never stand first. One in flight may still arrive, but nobody will send it again.
            Dropped++;
            _log.Write(DeviceNote.OutboxDropped, _topics[_first], Dropped);
            Remove(1);
        }

        private void RemoveAcknowledged()
        {
            while (Count > 0 && _states[_first] == State.Acknowledged)
            {
                RemoveFirst();
            }
        }

        private void RemoveFirst()
        {
            _topics[_first] = "";
            _first = (_first + 1) % _topics.Length;
            Count--;
            _next = _next > 0 ? _next - 1 : 0;
            _untouched = _untouched > 0 ? _untouched - 1 : 0;
        }
    }
}
