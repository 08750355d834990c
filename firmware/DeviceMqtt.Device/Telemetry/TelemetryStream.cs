using System;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// One sensor, read at a fixed pace, and its topic. A sensor that fails is marked failed and reported once; it is set up again every
    /// <see cref="DeviceLimits.SensorRetryMs"/> until it works, and the device goes on without it meanwhile.
    /// </summary>
    public sealed class TelemetryStream
    {
        /// <summary>Shortest time from one reading to the next, in milliseconds.</summary>
        public const int PeriodMsMin = 10;

        private readonly double[] _values;
        private int _periodMs;
        private readonly TelemetryClass _class;
        private string _topic = "";
        private string _faultTopic = "";
        private long _dueMs = long.MinValue;
        private long _sequence;
        private long _faultSequence;
        private int _droppedCount;
        private long _askedMs;
        private bool _isSetUp;
        private bool _isPending;

        /// <param name="name">Last level of the topic; unique on the board.</param>
        /// <param name="sensor">What is read.</param>
        /// <param name="periodMs">Time from one reading to the next, in milliseconds; at least 10.</param>
        /// <param name="telemetryClass">What a reading is worth when the gateway is away.</param>
        /// <exception cref="ArgumentException">The name is no topic level, or the period is too short.</exception>
        public TelemetryStream(string name, ISensor sensor, int periodMs, TelemetryClass telemetryClass)
        {
            if (!DeviceTopic.IsName(name) || periodMs < PeriodMsMin)
            {
                throw new ArgumentException(name, nameof(name));
            }

            Name = name;
            Sensor = sensor;
            _periodMs = periodMs;
            _class = telemetryClass;
            _values = new double[sensor.Metrics.Length];
        }

        /// <summary>Last level of the topic.</summary>
        public string Name { get; }

        /// <summary>What is read.</summary>
        public ISensor Sensor { get; }

        /// <summary>Time from one reading to the next, in milliseconds. When it is changed, the next reading comes at once.</summary>
        public int PeriodMs
        {
            get => _periodMs;
            set
            {
                _periodMs = value < PeriodMsMin ? PeriodMsMin : value;
                // Long overdue, and not the mark of a stream that was never read.
                _dueMs = _isPending || !HasRun ? _dueMs : long.MinValue + 1;
            }
        }

        /// <summary>What was wrong at the last reading.</summary>
        public SensorError Error { get; private set; }

        /// <summary>Whether the sensor was read or failed since boot.</summary>
        internal bool HasRun => _dueMs != long.MinValue;

        internal void SetTopics(string prefix, string device)
        {
            _topic = DeviceTopic.BuildTelemetry(prefix, device, Name);
            _faultTopic = DeviceTopic.BuildEvent(prefix, device, SensorFault.EventName);
        }

        /// <summary>Reads and publishes when it is time. True if the sensor has just failed or come back.</summary>
        internal bool Tick(Publisher publisher, IDeviceLog log, long nowMs)
        {
            if (nowMs < _dueMs)
            {
                return false;
            }

            SensorError error = Measure();
            if (error == SensorError.Pending)
            {
                _askedMs = _isPending ? _askedMs : nowMs;
                _isPending = nowMs - _askedMs < DeviceLimits.SensorPendingMs;
                if (_isPending)
                {
                    return false;
                }

                error = SensorError.CommunicationFailed;
            }

            _isPending = false;
            bool hasChanged = error == SensorError.None ? Error != SensorError.None : Error == SensorError.None;
            Error = error;
            if (error == SensorError.None)
            {
                // On pace with the last one, but never two at once to make up for a pause.
                _dueMs = _dueMs < nowMs - _periodMs ? nowMs + _periodMs : _dueMs + _periodMs;
                Publish(publisher, log, nowMs);
            }
            else
            {
                _isSetUp = false;
                _dueMs = nowMs + DeviceLimits.SensorRetryMs;
            }

            if (hasChanged)
            {
                Report(publisher, log, nowMs);
            }

            return hasChanged;
        }

        private SensorError Measure()
        {
            try
            {
                SensorError error = _isSetUp ? SensorError.None : Sensor.Setup();
                _isSetUp = error == SensorError.None;
                return _isSetUp ? Sensor.Read(_values) : error;
            }
            catch (Exception)
            {
                // The edge of a sensor driver: a defect in one must not stop the others. It is reported by its number.
                return SensorError.Defect;
            }
        }

        private void Publish(Publisher publisher, IDeviceLog log, long nowMs)
        {
            _sequence++;
            FlatJsonWriter writer = publisher.Begin(_sequence, nowMs);
            Metric[] metrics = Sensor.Metrics;
            for (int i = 0; i < metrics.Length; i++)
            {
                writer.Add(metrics[i].Name, _values[i], metrics[i].Decimals);
            }

            log.Write(DeviceNote.Measured, Name, _sequence);
            if (!publisher.TrySend(_topic, _class, nowMs))
            {
                _droppedCount++;
                log.Write(DeviceNote.ReadingDropped, Name, _droppedCount);
            }
        }

        private void Report(Publisher publisher, IDeviceLog log, long nowMs)
        {
            _faultSequence++;
            FlatJsonWriter writer = publisher.Begin(_faultSequence, nowMs);
            writer.Add(SensorFault.SensorField, Sensor.Name);
            writer.Add(SensorFault.ErrorField, (int)Error);
            publisher.TrySend(_faultTopic, TelemetryClass.Kept, nowMs);
            log.Write(Error == SensorError.None ? DeviceNote.SensorRecovered : DeviceNote.SensorFailed, Sensor.Name, (int)Error);
        }
    }
}
