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
        // What a message is: a state, and whether it is late.
        private const byte Unsent = 0;
        private const byte InFlight = 1;
        private const byte Acknowledged = 2;
        private const byte StateMask = 3;
        private const byte LateMark = 4;

        private readonly byte[] _bytes;
        private readonly OutboxTopics _topics;
        private readonly byte[] _topicOf;
        private readonly ushort[] _offsets;
        private readonly ushort[] _lengths;
        private readonly byte[] _states;
        private readonly ushort[] _packetIds;
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

        /// <param name="bytes">Memory for payloads, at most 65,536.</param>
        /// <param name="messagesMax">Most messages, however small.</param>
        /// <param name="topicsMax">Most different topics at the same time.</param>
        /// <param name="marksLate">Whether a late message gets the mark of <see cref="TelemetryField.Late"/>.</param>
        /// <param name="log">Told of every drop.</param>
        internal Outbox(int bytes, int messagesMax, int topicsMax, bool marksLate, IDeviceLog log)
        {
            _bytes = new byte[bytes];
            _topics = new OutboxTopics(topicsMax);
            _topicOf = new byte[messagesMax];
            _offsets = new ushort[messagesMax];
            _lengths = new ushort[messagesMax];
            _states = new byte[messagesMax];
            _packetIds = new ushort[messagesMax];
            _marksLate = marksLate;
            _log = log;
        }

        /// <summary>Messages that are not acknowledged yet, and acknowledged ones behind them.</summary>
        internal int Count { get; private set; }

        /// <summary>Messages dropped since boot.</summary>
        internal int Dropped { get; private set; }

        /// <summary>True if a message of that length fits without dropping another.</summary>
        internal bool HasRoom(int length)
        {
            return Count < _states.Length && length <= _bytes.Length && FindRoom(length) >= 0;
        }

        /// <summary>Adds a message behind all others. False if it is larger than the whole ring.</summary>
        /// <param name="topic">Topic name.</param>
        /// <param name="payload">Copied.</param>
        /// <param name="start">Where it begins.</param>
        /// <param name="length">Bytes of the payload.</param>
        /// <param name="isOffline">Whether there is no connection now.</param>
        internal bool TryAdd(string topic, byte[] payload, int start, int length, bool isOffline)
        {
            if (length > _bytes.Length || length > ushort.MaxValue)
            {
                Dropped++;
                _log.Write(DeviceNote.OutboxDropped, topic, Dropped);
                return false;
            }

            int name = _topics.Find(topic);
            int offset = FindRoom(length);
            while (offset < 0 || name < 0 || Count == _states.Length)
            {
                DropOldest();
                name = _topics.Find(topic);
                offset = FindRoom(length);
            }

            int at = (_first + Count) % _states.Length;
            // Behind a late message that still waits, this one will be late as well.
            bool waits = Count > 0 && _states[Before(at)] == (Unsent | LateMark);
            Array.Copy(payload, start, _bytes, offset, length);
            _topics.Use(name, topic);
            _topicOf[at] = (byte)name;
            _offsets[at] = (ushort)offset;
            _lengths[at] = (ushort)length;
            _states[at] = isOffline || waits ? (byte)(Unsent | LateMark) : Unsent;
            Count++;
            return true;
        }

        /// <summary>Sends what may be sent now.</summary>
        internal void Flush(MqttLink link, long nowMs)
        {
            for (; _next < Count && _inFlight < DeviceLimits.OutboxInFlightMax; _next++)
            {
                int at = (_first + _next) % _states.Length;
                if (StateAt(at) != Unsent)
                {
                    continue;
                }

                ushort packetId;
                if (!link.HasRoom(MqttQoSLevel.AtLeastOnce, nowMs)
                    || !link.TryPublish(_topics.At(_topicOf[at]), CopyPayload(at), MqttQoSLevel.AtLeastOnce, false, nowMs, out packetId))
                {
                    return;
                }

                _progressMs = _inFlight == 0 ? nowMs : _progressMs;
                SetState(at, InFlight);
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
                int at = (_first + i) % _states.Length;
                if (StateAt(at) != InFlight || _packetIds[at] != packetId)
                {
                    continue;
                }

                _inFlight--;
                _progressMs = nowMs;
                // If the library has given it up, we have not: again, with the order kept from here on.
                _states[at] = isAcknowledged ? Acknowledged : (byte)(Unsent | LateMark);
                if (!isAcknowledged)
                {
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
                int at = (_first + i) % _states.Length;
                byte state = StateAt(at);
                _states[at] = (byte)((state == InFlight ? Unsent : state) | LateMark);
            }

            _next = 0;
            _untouched = 0;
            _inFlight = 0;
            _orphans = 0;
        }

        /// <summary>False for a message that was acknowledged and only waits for those before it. The index counts from the oldest.</summary>
        internal bool IsWaiting(int index)
        {
            return StateAt((_first + index) % _states.Length) != Acknowledged;
        }

        internal string TopicAt(int index)
        {
            return _topics.At(_topicOf[(_first + index) % _states.Length]);
        }

        internal int LengthAt(int index)
        {
            return _lengths[(_first + index) % _states.Length];
        }

        /// <summary>Copies a payload as it was added, without mark.</summary>
        internal void CopyAt(int index, byte[] target, int offset)
        {
            int at = (_first + index) % _states.Length;
            Array.Copy(_bytes, _offsets[at], target, offset, _lengths[at]);
        }

        /// <summary>Forgets the oldest messages, which are kept elsewhere now. What is in flight is settled as if it had been dropped.</summary>
        internal void Remove(int count)
        {
            for (int i = 0; i < count; i++)
            {
                _orphans += StateAt(_first) == InFlight ? 1 : 0;
                RemoveFirst();
            }

            RemoveAcknowledged();
        }

        private byte[] CopyPayload(int at)
        {
            bool mark = _marksLate && (_states[at] & LateMark) != 0;
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

            int last = Before((_first + Count) % _states.Length);
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

        private byte StateAt(int at)
        {
            return (byte)(_states[at] & StateMask);
        }

        private void SetState(int at, byte state)
        {
            _states[at] = (byte)((_states[at] & LateMark) | state);
        }

        private int Before(int at)
        {
            return (at + _states.Length - 1) % _states.Length;
        }

        private void DropOldest()
        {
            // Acknowledged ones never stand first. One in flight may still arrive, but nobody will send it again.
            Dropped++;
            _log.Write(DeviceNote.OutboxDropped, _topics.At(_topicOf[_first]), Dropped);
            Remove(1);
        }

        private void RemoveAcknowledged()
        {
            while (Count > 0 && StateAt(_first) == Acknowledged)
            {
                RemoveFirst();
            }
        }

        private void RemoveFirst()
        {
            _topics.Release(_topicOf[_first]);
            _first = (_first + 1) % _states.Length;
            Count--;
            _next = _next > 0 ? _next - 1 : 0;
            _untouched = _untouched > 0 ? _untouched - 1 : 0;
        }
    }
}
