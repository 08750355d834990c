using DeviceMqtt.Wire;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Device
{
    /// <summary>Writes telemetry and event payloads: number and time first, then what the caller adds. One at a time, in one buffer that is not its own.</summary>
    internal sealed class Publisher
    {
        private readonly FlatJsonWriter _writer;
        private readonly MqttLink _link;
        private readonly Outboxes _outboxes;
        private readonly DeviceOptions _options;
        private readonly IClock _clock;

        /// <param name="link">The connection.</param>
        /// <param name="outboxes">Where messages wait.</param>
        /// <param name="options">Who the device is.</param>
        /// <param name="clock">Wall time, if known.</param>
        /// <param name="writer">Used from <see cref="Begin"/> to <see cref="TrySend"/>, and by others in between.</param>
        internal Publisher(MqttLink link, Outboxes outboxes, DeviceOptions options, IClock clock, FlatJsonWriter writer)
        {
            _writer = writer;
            _link = link;
            _outboxes = outboxes;
            _options = options;
            _clock = clock;
        }

        /// <summary>Opens a payload; the caller adds members and calls <see cref="TrySend"/>.</summary>
        internal FlatJsonWriter Begin(long sequence, long nowMs)
        {
            _writer.Begin();
            _writer.Add(TelemetryField.Sequence, sequence);
            long unixMs;
            if (_clock.TryGetUnixMs(out unixMs))
            {
                _writer.Add(TelemetryField.Time, unixMs / 1000.0, TelemetryField.TimeDecimals);
            }
            else
            {
                _writer.Add(TelemetryField.UpMs, nowMs);
                _writer.Add(TelemetryField.BootId, _options.BootId);
            }

            return _writer;
        }

        /// <summary>Closes the payload and sends it or puts it into the outbox. False if it was dropped.</summary>
        internal bool TrySend(string topic, TelemetryClass telemetryClass, long nowMs)
        {
            if (!_writer.End() || _writer.Length > DeviceLimits.TelemetryBytesMax)
            {
                return false;
            }

            if (telemetryClass != TelemetryClass.Live)
            {
                return _outboxes.TryAdd(telemetryClass, topic, _writer.Buffer, _writer.Length, !_link.IsUp, nowMs);
            }

            // Asked before copying: without a connection nothing is allocated.
            return _link.HasRoom(MqttQoSLevel.AtMostOnce, nowMs)
                && _link.TryPublish(topic, _writer.ToArray(), MqttQoSLevel.AtMostOnce, false, nowMs, out _);
        }
    }
}
