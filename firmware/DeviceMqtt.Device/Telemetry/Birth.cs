using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>Writes the birth message: who the device is, what it measures, what it can do and how it is asked to, what does not work.</summary>
    internal sealed class Birth
    {
        private readonly FlatJsonWriter _writer;
        private readonly DeviceOptions _options;
        private readonly DeviceParts _parts;
        private readonly CommandDispatcher _commands;
        private readonly Inbox _inbox;
        private readonly IClock _clock;
        private bool _saysStandard;

        /// <param name="options">Who the device is.</param>
        /// <param name="clock">Wall time, if known.</param>
        /// <param name="parts">What it measures and tells.</param>
        /// <param name="commands">All of them.</param>
        /// <param name="inbox">Knows what was lost.</param>
        /// <param name="writer">Used while the birth is written.</param>
        internal Birth(DeviceOptions options, IClock clock, DeviceParts parts, CommandDispatcher commands, Inbox inbox, FlatJsonWriter writer)
        {
            _options = options;
            _clock = clock;
            _parts = parts;
            _commands = commands;
            _inbox = inbox;
            _writer = writer;
        }

        /// <summary>
        /// True if the longest message this board can ever send fits: with every sensor failed, and, if it has to be, with the standard commands
        /// named by one number. Decides which of the two it is.
        /// </summary>
        internal bool Fits()
        {
            _saysStandard = false;
            if (TryWrite(long.MaxValue, int.MaxValue, true))
            {
                return true;
            }

            _saysStandard = HasStandard();
            return _saysStandard && TryWrite(long.MaxValue, int.MaxValue, true);
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
            _writer.Add(BirthField.Window, DeviceLimits.CommandWindow);
            int lost = isWorstCase ? int.MaxValue : _inbox.Lost;
            if (lost > 0)
            {
                _writer.Add(BirthField.CommandsLost, lost);
            }

            WriteStreams();
            _writer.BeginArray(BirthField.Events);
            for (int i = 0; i < _parts.EventCount; i++)
            {
                _writer.AddItem(_parts.Events[i].Name);
            }

            _writer.EndArray();
            WriteCommands();
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
            for (int i = 0; i < _parts.StreamCount; i++)
            {
                TelemetryStream stream = _parts.Streams[i];
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

        private void WriteCommands()
        {
            if (_saysStandard)
            {
                _writer.Add(BirthField.Standard, 1);
            }

            _writer.BeginArray(BirthField.Commands);
            for (int i = 0; i < _commands.Count; i++)
            {
                ICommandHandler handler = _commands.HandlerAt(i);
                if (!_saysStandard || !IsStandard(handler.Command))
                {
                    string arguments = handler.Arguments;
                    _writer.AddItem(string.Concat(handler.Command, CommandForm.MarkOf(handler.CommandClass), arguments.Length > 0 ? " " : "", arguments));
                }
            }

            _writer.EndArray();
        }

        private void WriteFailed(bool isWorstCase)
        {
            _writer.BeginArray(BirthField.Failed);
            for (int i = 0; i < _parts.StreamCount; i++)
            {
                if (isWorstCase || _parts.Streams[i].Error != SensorError.None)
                {
                    _writer.AddItem(_parts.Streams[i].Sensor.Name);
                }
            }

            _writer.EndArray();
        }

        private static bool IsStandard(string command)
        {
            for (int i = 0; i < StandardCommands.Count; i++)
            {
                if (StandardCommands.NameAt(i) == command)
                {
                    return true;
                }
            }

            return false;
        }

        private bool HasStandard()
        {
            int count = 0;
            for (int i = 0; i < _commands.Count; i++)
            {
                count += IsStandard(_commands.HandlerAt(i).Command) ? 1 : 0;
            }

            return count == StandardCommands.Count;
        }
    }
}
