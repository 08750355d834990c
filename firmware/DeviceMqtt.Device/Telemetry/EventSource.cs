using System;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Something on the board that changes at its own time: a button, a contact, a relay. Its changes may be posted from any thread; the
    /// loop publishes them in order. What is posted between two ticks beyond <see cref="DeviceLimits.EdgesMax"/> takes the place of the one before it, because
    /// the newest is the state that stays: that one is dropped, counted, and missing in the sequence numbers.
    /// </summary>
    public sealed class EventSource
    {
        private readonly object _gate = new object();
        private readonly bool[] _edges = new bool[DeviceLimits.EdgesMax];
        private readonly string _valueName;
        private string _topic = "";
        private long _sequence;
        private int _first;
        private int _count;
        private int _dropped;

        // Of those dropped, how many no event has been numbered behind yet.
        private int _missing;

        /// <param name="name">Last level of the topic; unique on the board.</param>
        /// <param name="valueName">Member name of the value: <c>pressed</c>, <c>open</c>, <c>on</c> ...</param>
        /// <exception cref="ArgumentException">The name is no topic level, or is the one of <see cref="SensorFault"/>.</exception>
        public EventSource(string name, string valueName)
        {
            if (!DeviceTopic.IsName(name) || name == SensorFault.EventName)
            {
                throw new ArgumentException(name, nameof(name));
            }

            Name = name;
            _valueName = valueName;
        }

        /// <summary>Last level of the topic.</summary>
        public string Name { get; }

        /// <summary>Changes that found no room since boot, or whose place a newer one took.</summary>
        public int Dropped
        {
            get
            {
                lock (_gate)
                {
                    return _dropped;
                }
            }
        }

        /// <summary>It has changed. May be called from any thread.</summary>
        public void Post(bool value)
        {
            lock (_gate)
            {
                if (_count == _edges.Length)
                {
                    _dropped++;
                    _missing++;
                    _count--;
                }

                _edges[(_first + _count) % _edges.Length] = value;
                _count++;
            }
        }

        internal void SetTopic(string prefix, string device)
        {
            _topic = DeviceTopic.BuildEvent(prefix, device, Name);
        }

        internal void Tick(Publisher publisher, IDeviceLog log, long nowMs)
        {
            bool value;
            int missing;
            while (TryTake(out value, out missing))
            {
                _sequence += missing + 1;
                publisher.Begin(_sequence, nowMs).Add(_valueName, value);
                publisher.TrySend(_topic, TelemetryClass.Kept, nowMs);
                log.Write(DeviceNote.EventRaised, Name, value ? 1 : 0);
            }
        }

        /// <summary>Takes the oldest change.</summary>
        /// <param name="value">What it changed to.</param>
        /// <param name="missing">How many were dropped before it: those before the newest are told with the last there is.</param>
        internal bool TryTake(out bool value, out int missing)
        {
            lock (_gate)
            {
                value = _edges[_first];
                missing = 0;
                if (_count == 0)
                {
                    return false;
                }

                _first = (_first + 1) % _edges.Length;
                _count--;
                if (_count == 0)
                {
                    missing = _missing;
                    _missing = 0;
                }

                return true;
            }
        }
    }
}
