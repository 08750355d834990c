using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>Writes the birth message: who the device is, what it measures, what it can do, what does not work.</summary>
    internal sealed class Birth
    {
        private readonly FlatJsonWriter _writer = new FlatJsonWriter(DeviceLimits.BirthBytesMax);
        private readonly DeviceOptions _options;
        private readonly TelemetryStream[] _streams;
        private readonly EventSource[] _events;
        private readonly CommandDispatcher _commands;
        private readonly IClock _clock;

        /// <param name="options">Who the device is.</param>
        /// <param name="clock">Wall time, if known.</param>
        /// <param name="streams">All of them; the first null ends the list.</param>
        /// <param name="events">All of them; the first null ends the list.</param>
        /// <param name="commands">All of them.</param>
        internal Birth(DeviceOptions options, IClock clock, TelemetryStream[] streams, EventSource[] events, CommandDispatcher commands)
        {
            _options = options;
            _clock = clock;
            _streams = streams;
            _events = events;
            _commands = commands;
        }

        /// <summary>True if the longest message this board can ever send fits: with every sensor failed.</summary>
        internal bool Fits()
        {
            return TryWrite(long.MaxValue, int.MaxValue, true);
        }

        /// <summary>The message as it is now.</summary>
        /// <param name="nowMs">Milliseconds since boot.</param>
        /// <param name="sleepSeconds">How long the device goes to sleep now; 0 if it does not.</param>
        internal byte[] Write(long nowMs, int sleepSeconds)
        {
            TryWrite(nowMs, sleepSeconds, false);
            return _writer.ToArray();
        }

        private bool TryWrite(long nowMs, int sleepSeconds, bool isWorstCase)
        {
            _writer.Begin();
            _writer.Add(BirthField.ClientId, _options.ClientId);
            _writer.Add(BirthField.Firmware, _options.Firmware);
            _writer.Add(BirthField.Board, _options.Board);
            _writer.Add(BirthField.ResetCause, _options.ResetCause);
            _writer.Add(BirthField.BootId, _options.BootId);
            _writer.Add(BirthField.UpMs, nowMs);
            WriteSleep(sleepSeconds);
            WriteStreams();
            _writer.BeginArray(BirthField.Events);
            for (int i = 0; i < _events.Length && _events[i] != null; i++)
            {
                _writer.AddItem(_events[i].Name);
            }

            _writer.EndArray();
            _writer.BeginArray(BirthField.Commands);
            for (int i = 0; i < _commands.Count; i++)
            {
                _writer.AddItem(_commands.CommandAt(i));
            }

            _writer.EndArray();
            WriteFailed(isWorstCase);
            return _writer.End();
        }

        private void WriteSleep(int sleepSeconds)
        {
            long unixMs;
            if (sleepSeconds == 0)
            {
                return;
            }

            if (_clock.TryGetUnixMs(out unixMs))
            {
                _writer.Add(BirthField.SleepUntil, (unixMs / 1000) + sleepSeconds);
            }
            else
            {
                _writer.Add(BirthField.SleepSeconds, sleepSeconds);
            }
        }

        private void WriteStreams()
        {
            _writer.BeginObject(BirthField.Telemetry);
            for (int i = 0; i < _streams.Length && _streams[i] != null; i++)
            {
                TelemetryStream stream = _streams[i];
                _writer.BeginObject(stream.Name);
                Metric[] metrics = stream.Sensor.Metrics;
                for (int m = 0; m < metrics.Length; m++)
                {
                    _writer.Add(metrics[m].Name, metrics[m].Unit);
                }

                _writer.EndObject();
            }

            _writer.EndObject();
        }

        private void WriteFailed(bool isWorstCase)
        {
            _writer.BeginArray(BirthField.Failed);
            for (int i = 0; i < _streams.Length && _streams[i] != null; i++)
            {
                if (isWorstCase || _streams[i].Error != SensorError.None)
                {
                    _writer.AddItem(_streams[i].Sensor.Name);
                }
            }

            _writer.EndArray();
        }
    }
}
