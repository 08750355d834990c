using System;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Messages between the MQTT library's thread, which puts them in, and the device loop, which takes them out. They were acknowledged
    /// before they came here, so the inbox outlives the connection. Bounded in messages and bytes; all state is under its own lock.
    /// <list type="bullet">
    /// <item>A command that finds no room is answered with busy: its sender and id are kept for that, in much less room.</item>
    /// <item>If there is not even room for those, it is counted: the birth says how many were lost.</item>
    /// </list>
    /// </summary>
    internal sealed class Inbox
    {
        private const int IdLengthBytes = 2;

        private readonly object _gate = new object();
        private readonly string _clientId;
        private readonly string[] _topics = EmptyTexts.Make(DeviceLimits.InboxMessagesMax);
        private readonly byte[][] _payloads = new byte[DeviceLimits.InboxMessagesMax][];
        private readonly long[] _arrivedMs = new long[DeviceLimits.InboxMessagesMax];
        private int _first;
        private int _count;
        private int _bytes;
        private int _dropped;
        private int _lost;
        private long _nowMs;

        // Commands to be answered with busy, one behind the other: sender (1 byte), length of the id (1), the id as it was written.
        private readonly CommandEnvelope _envelope = new CommandEnvelope();
        private readonly byte[] _busy = new byte[DeviceLimits.BusyIdsBytesMax];
        private readonly string[] _senders = EmptyTexts.Make(DeviceLimits.BusySendersMax);
        private int _busyLength;

        /// <param name="clientId">Whose commands these are.</param>
        internal Inbox(string clientId)
        {
            _clientId = clientId;
        }

        /// <summary>Messages that found no room since boot and were not answered.</summary>
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

        /// <summary>Those of them that were commands.</summary>
        internal int Lost
        {
            get
            {
                lock (_gate)
                {
                    return _lost;
                }
            }
        }

        /// <summary>True if nothing waits here, neither to be carried out nor to be answered with busy.</summary>
        internal bool IsEmpty
        {
            get
            {
                lock (_gate)
                {
                    return _count == 0 && _busyLength == 0;
                }
            }
        }

        /// <summary>What time it is for what arrives from now on.</summary>
        internal void Time(long nowMs)
        {
            lock (_gate)
            {
                _nowMs = nowMs;
            }
        }

        /// <summary>Keeps a message for the loop, or what is needed to answer it with busy. Never throws, never blocks for long.</summary>
        internal void Put(string topic, byte[] payload)
        {
            lock (_gate)
            {
                // One message may be longer than the bound, if it is alone: its sender is to learn that it was too long.
                bool fits = _count == 0 || payload.Length <= DeviceLimits.InboxBytesMax - _bytes;
                if (_count == _topics.Length || !fits)
                {
                    PutBusy(topic, payload);
                    return;
                }

                int at = (_first + _count) % _topics.Length;
                _topics[at] = topic;
                _payloads[at] = payload;
                _arrivedMs[at] = _nowMs;
                _count++;
                _bytes += payload.Length;
            }
        }

        /// <summary>Takes the oldest message.</summary>
        /// <param name="topic">Topic name.</param>
        /// <param name="payload">Payload.</param>
        /// <param name="arrivedMs">The tick before it came.</param>
        internal bool TryTake(out string topic, out byte[] payload, out long arrivedMs)
        {
            lock (_gate)
            {
                if (_count == 0)
                {
                    topic = "";
                    payload = Nothing.Bytes;
                    arrivedMs = 0;
                    return false;
                }

                topic = _topics[_first];
                payload = _payloads[_first];
                arrivedMs = _arrivedMs[_first];
                _topics[_first] = "";
                _payloads[_first] = Nothing.Bytes;
                _first = (_first + 1) % _topics.Length;
                _count--;
                _bytes -= payload.Length;
                return true;
            }
        }

        /// <summary>Writes the answer to the oldest command that found no room.</summary>
        /// <param name="answer">Gets the answer.</param>
        /// <param name="topic">Where it goes.</param>
        internal bool TryTakeBusy(FlatJsonWriter answer, out string topic)
        {
            lock (_gate)
            {
                topic = "";
                if (_busyLength == 0)
                {
                    return false;
                }

                int length = IdLengthBytes + _busy[1];
                topic = _senders[_busy[0]];
                CommandAnswer.Begin(answer, _busy, IdLengthBytes, _busy[1], CommandStatus.Busy, 0);
                answer.End();
                _busyLength -= length;
                Array.Copy(_busy, length, _busy, 0, _busyLength);
                for (int i = 0; _busyLength == 0 && i < _senders.Length; i++)
                {
                    _senders[i] = "";
                }

                return true;
            }
        }

        private void PutBusy(string topic, byte[] payload)
        {
            string parent;
            string target;
            bool isOurs = P2PTopic.TryParse(topic, out parent, out target) && target == _clientId;
            if (isOurs)
            {
                _envelope.TryRead(payload, 0, payload.Length);
            }

            if (!isOurs || !_envelope.IsCommand || _envelope.From.Length == 0)
            {
                _dropped++;
            }
            else if (!TryPutBusy(P2PTopic.Build(parent, _envelope.From), payload))
            {
                _dropped++;
                _lost++;
            }

            _envelope.Release();
        }

        private bool TryPutBusy(string topic, byte[] payload)
        {
            int length = _envelope.IdLength > byte.MaxValue ? 0 : _envelope.IdLength;
            int sender = FindSender(topic);
            if (sender < 0 || topic.Length > WireLimits.TopicCharsMax || IdLengthBytes + length > _busy.Length - _busyLength)
            {
                return false;
            }

            _senders[sender] = topic;
            _busy[_busyLength] = (byte)sender;
            _busy[_busyLength + 1] = (byte)length;
            Array.Copy(payload, _envelope.IdOffset, _busy, _busyLength + IdLengthBytes, length);
            _busyLength += IdLengthBytes + length;
            return true;
        }

        private int FindSender(string topic)
        {
            for (int i = 0; i < _senders.Length; i++)
            {
                if (_senders[i] == topic || _senders[i].Length == 0)
                {
                    return i;
                }
            }

            return -1;
        }
    }
}
