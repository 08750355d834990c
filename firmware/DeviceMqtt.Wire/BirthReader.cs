namespace DeviceMqtt.Wire
{
    /// <summary>
    /// Reads a birth message, whoever sent it: the text is hostile until it was read. Bounded in all it keeps: what is beyond a bound is left out
    /// and <see cref="IsCut"/> says so. Members of a wrong kind, and unknown ones, are passed over. One object is reused for many.
    /// </summary>
    public sealed class BirthReader
    {
        /// <summary>Longest birth that is read. Ours have 1,024 bytes; others' boards may say more.</summary>
        public const int BytesMax = 4096;

        /// <summary>Most streams that are kept.</summary>
        public const int StreamsMax = 16;

        /// <summary>Most names of each list, and most commands, that are kept.</summary>
        public const int NamesMax = 48;

        private readonly FlatJsonReader _reader = new FlatJsonReader();
        private readonly FlatJsonReader _inner = new FlatJsonReader();
        private readonly FlatJsonReader _innermost = new FlatJsonReader();
        private readonly JsonArrayReader _array = new JsonArrayReader();
        private readonly BirthStream[] _streams = new BirthStream[StreamsMax];
        private readonly CommandForm[] _commands = new CommandForm[NamesMax];
        private readonly string[] _events = EmptyTexts.Make(NamesMax);
        private readonly string[] _failed = EmptyTexts.Make(NamesMax);
        private byte[] _payload = JsonEmpty.Object;

        /// <summary>Client Identifier.</summary>
        public string ClientId { get; private set; } = "";

        /// <summary>Firmware version.</summary>
        public string Firmware { get; private set; } = "";

        /// <summary>Board name.</summary>
        public string Board { get; private set; } = "";

        /// <summary>Why the board started.</summary>
        public string ResetCause { get; private set; } = "";

        /// <summary>True if <see cref="BootId"/> was given.</summary>
        public bool HasBootId { get; private set; }

        /// <summary>Which boot.</summary>
        public long BootId { get; private set; }

        /// <summary>Milliseconds since boot when it was written; -1 if not given.</summary>
        public long UpMs { get; private set; }

        /// <summary>Epoch seconds when a board that goes to sleep is to be back; 0 if it does not say.</summary>
        public long SleepUntilSeconds { get; private set; }

        /// <summary>In how many seconds a board without a clock that goes to sleep is to be back; 0 if it does not say.</summary>
        public long SleepForSeconds { get; private set; }

        /// <summary>How many commands the board takes at once; 1 if it does not say.</summary>
        public int Window { get; private set; } = 1;

        /// <summary>Commands that were lost on the board since its boot.</summary>
        public long CommandsLost { get; private set; }

        /// <summary>True if something was left out because there was too much of it.</summary>
        public bool IsCut { get; private set; }

        /// <summary>How many streams.</summary>
        public int StreamCount { get; private set; }

        /// <summary>How many events.</summary>
        public int EventCount { get; private set; }

        /// <summary>How many commands, the standard ones included where the birth says <c>"std":1</c>.</summary>
        public int CommandCount { get; private set; }

        /// <summary>How many sensors do not work.</summary>
        public int FailedCount { get; private set; }

        /// <summary>A stream, by its place.</summary>
        public BirthStream StreamAt(int index)
        {
            return _streams[index];
        }

        /// <summary>Name of an event.</summary>
        public string EventAt(int index)
        {
            return _events[index];
        }

        /// <summary>A command, by its place.</summary>
        public CommandForm CommandAt(int index)
        {
            return _commands[index];
        }

        /// <summary>Name of a sensor that does not work.</summary>
        public string FailedAt(int index)
        {
            return _failed[index];
        }

        /// <summary>The command of that name, or null.</summary>
        public CommandForm? FindCommand(string name)
        {
            for (int i = 0; i < CommandCount; i++)
            {
                if (_commands[i].Name == name)
                {
                    return _commands[i];
                }
            }

            return null;
        }

        /// <summary>Reads a payload. False if it is no birth: too long, not one JSON object, or without a Client Identifier.</summary>
        public bool TryRead(byte[] payload, int offset, int count)
        {
            Clear();
            if (count > BytesMax)
            {
                return false;
            }

            _payload = payload;
            bool hasStandard = false;
            _reader.Start(payload, offset, count);
            while (_reader.Read())
            {
                if (_reader.NameIs(BirthField.Standard))
                {
                    long standard;
                    hasStandard = _reader.TryGetInt64(out standard) && standard == 1;
                }
                else if (!TryTakeText() && !TryTakeNumber())
                {
                    TakeLists();
                }
            }

            _payload = JsonEmpty.Object;
            bool isBirth = !_reader.IsMalformed && ClientId.Length > 0;
            if (!isBirth)
            {
                Clear();
                return false;
            }

            for (int i = 0; hasStandard && i < StandardCommands.Count; i++)
            {
                AddCommand(StandardCommands.ItemAt(i));
            }

            return true;
        }

        private void Clear()
        {
            ClientId = "";
            Firmware = "";
            Board = "";
            ResetCause = "";
            HasBootId = false;
            BootId = 0;
            UpMs = -1;
            SleepUntilSeconds = 0;
            SleepForSeconds = 0;
            Window = 1;
            CommandsLost = 0;
            IsCut = false;
            StreamCount = 0;
            EventCount = 0;
            CommandCount = 0;
            FailedCount = 0;
        }

        private bool TryTakeText()
        {
            string text;
            if (!_reader.TryGetString(WireLimits.TopicCharsMax, out text))
            {
                return false;
            }

            if (_reader.NameIs(BirthField.ClientId))
            {
                ClientId = text;
            }
            else if (_reader.NameIs(BirthField.Firmware))
            {
                Firmware = text;
            }
            else if (_reader.NameIs(BirthField.Board))
            {
                Board = text;
            }
            else if (_reader.NameIs(BirthField.ResetCause))
            {
                ResetCause = text;
            }

            return true;
        }

        private bool TryTakeNumber()
        {
            long number;
            if (!_reader.TryGetInt64(out number))
            {
                return false;
            }

            if (_reader.NameIs(BirthField.BootId))
            {
                BootId = number;
                HasBootId = true;
            }
            else if (number < 0)
            {
                // All the others count something.
                return true;
            }
            else if (_reader.NameIs(BirthField.UpMs))
            {
                UpMs = number;
            }
            else if (_reader.NameIs(BirthField.SleepUntil))
            {
                SleepUntilSeconds = number;
            }
            else if (_reader.NameIs(BirthField.SleepSeconds))
            {
                SleepForSeconds = number;
            }
            else if (_reader.NameIs(BirthField.CommandsLost))
            {
                CommandsLost = number;
            }
            else if (_reader.NameIs(BirthField.Window))
            {
                Window = number < 1 ? 1 : number > WireLimits.CommandIdsRemembered ? WireLimits.CommandIdsRemembered : (int)number;
            }

            return true;
        }

        private void TakeLists()
        {
            string text;
            if (_reader.NameIs(BirthField.Telemetry) && _reader.Kind == JsonKind.Object)
            {
                TakeStreams();
            }
            else if (_reader.Kind != JsonKind.Array)
            {
                return;
            }
            else if (_reader.NameIs(BirthField.Commands))
            {
                _array.Start(_payload, _reader.ValueOffset, _reader.ValueLength);
                while (_array.TryRead(WireLimits.CommandFormCharsMax, out text))
                {
                    AddCommand(text);
                }
            }
            else if (_reader.NameIs(BirthField.Events))
            {
                EventCount = TakeNames(_events);
            }
            else if (_reader.NameIs(BirthField.Failed))
            {
                FailedCount = TakeNames(_failed);
            }
        }

        private int TakeNames(string[] names)
        {
            int count = 0;
            string text;
            _array.Start(_payload, _reader.ValueOffset, _reader.ValueLength);
            while (_array.TryRead(WireLimits.TopicCharsMax, out text))
            {
                if (count == names.Length)
                {
                    IsCut = true;
                    return count;
                }

                names[count] = text;
                count++;
            }

            return count;
        }

        private void AddCommand(string item)
        {
            CommandForm? form = CommandForm.Read(item);
            // One that comes twice: the first counts, so a board may describe a standard command better.
            if (form == null || FindCommand(form.Name) != null)
            {
                return;
            }

            if (CommandCount == _commands.Length)
            {
                IsCut = true;
                return;
            }

            _commands[CommandCount] = form;
            CommandCount++;
        }

        private void TakeStreams()
        {
            _inner.Start(_payload, _reader.ValueOffset, _reader.ValueLength);
            while (_inner.Read())
            {
                if (StreamCount == _streams.Length)
                {
                    IsCut = true;
                    return;
                }

                BirthStream stream = new BirthStream(_inner.GetName());
                _streams[StreamCount] = stream;
                StreamCount++;
                if (_inner.Kind == JsonKind.Object)
                {
                    TakeMetrics(stream);
                }
            }
        }

        private void TakeMetrics(BirthStream stream)
        {
            string unit;
            _innermost.Start(_payload, _inner.ValueOffset, _inner.ValueLength);
            while (_innermost.Read())
            {
                IsCut |= stream.MetricCount == BirthStream.MetricsMax;
                if (_innermost.TryGetString(WireLimits.CommandNameCharsMax, out unit))
                {
                    stream.Add(_innermost.GetName(), unit);
                }
            }
        }
    }
}
