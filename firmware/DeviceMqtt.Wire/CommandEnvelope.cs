namespace DeviceMqtt.Wire
{
    /// <summary>A command as it arrives. One object is reused for many: reading the next one replaces the last.</summary>
    public sealed class CommandEnvelope
    {
        // The year 5138. What is more is a time in milliseconds, and would be good for thousands of years.
        private const long SecondsMax = 99999999999;

        private readonly FlatJsonReader _reader = new FlatJsonReader();
        private byte[] _payload = JsonEmpty.Object;
        private bool _hasExpiry;
        private bool _hasTimeToLive;
        private bool _isIdWrong;

        /// <summary>The sender's name for this command; a number as it was written. Empty until read, and if it cannot be used.</summary>
        public string Id { get; private set; } = "";

        /// <summary>Which command.</summary>
        public string Command { get; private set; } = "";

        /// <summary>Client Identifier of the sender, one that a P2P topic can name.</summary>
        public string From { get; private set; } = "";

        /// <summary>Epoch seconds after which it must not be carried out; 0 for never.</summary>
        public long ExpirySeconds { get; private set; }

        /// <summary>Seconds for which it is good, from its sending; 0 if it does not say.</summary>
        public long TimeToLiveSeconds { get; private set; }

        /// <summary>Where <c>args</c> begins in the payload, in bytes.</summary>
        public int ArgumentsOffset { get; private set; }

        /// <summary>Bytes of <c>args</c>; 0 if there are none.</summary>
        public int ArgumentsLength { get; private set; }

        /// <summary>Where the value of <c>id</c> begins in the payload, quotes included: it is repeated in the answer as it was written.</summary>
        public int IdOffset { get; private set; }

        /// <summary>Bytes of that; 0 if there is no id, or one that is too long to be repeated.</summary>
        public int IdLength { get; private set; }

        /// <summary>What was wrong with it: none, <see cref="CommandErrorCode.BadId"/> or <see cref="CommandErrorCode.BadEnvelope"/>.</summary>
        public CommandErrorCode Fault { get; private set; }

        /// <summary>True if it says that it is a command, however wrong it is: an answer or anything else has no <c>cmd</c>.</summary>
        public bool IsCommand { get; private set; }

        /// <summary>
        /// Reads a payload. False if it is longer than <see cref="WireLimits.CommandBytesMax"/>, is not one JSON object, lacks id, command or
        /// sender, or has one of the members with a wrong type, out of bounds, or twice. Unknown members are passed over.
        /// When false, <see cref="From"/>, <see cref="Id"/> and the place of the id hold what could be read, so that an error can be answered.
        /// </summary>
        public bool TryRead(byte[] payload, int offset, int count)
        {
            Clear();
            _payload = payload;
            // One that is too long is read all the same: its sender is to learn that it was refused.
            bool valid = count <= WireLimits.CommandBytesMax;
            _reader.Start(payload, offset, count);
            while (_reader.Read())
            {
                // Goes on after a wrong member, because the sender may stand behind it.
                valid &= TryTake();
            }

            if (_reader.IsMalformed)
            {
                // Nothing out of a text that breaks off is to be trusted, not even the sender.
                Clear();
                Fault = CommandErrorCode.BadEnvelope;
                return false;
            }

            if (_isIdWrong || IdOffset == 0)
            {
                Id = "";
                Fault = CommandErrorCode.BadId;
                return false;
            }

            valid = valid && Command.Length > 0 && From.Length > 0;
            Fault = valid ? CommandErrorCode.None : CommandErrorCode.BadEnvelope;
            return valid;
        }

        /// <summary>Lets go of the payload, which may be much longer than a command: it is not to stay in memory until the next one comes.</summary>
        public void Release()
        {
            _payload = JsonEmpty.Object;
            ArgumentsOffset = 0;
            ArgumentsLength = 0;
            IdOffset = 0;
            IdLength = 0;
            _reader.Start(JsonEmpty.Object, 0, JsonEmpty.Object.Length);
        }

        /// <summary>Lets a reader begin with the arguments; without any it finds an empty object.</summary>
        public void StartArguments(FlatJsonReader reader)
        {
            if (ArgumentsLength == 0)
            {
                reader.Start(JsonEmpty.Object, 0, JsonEmpty.Object.Length);
                return;
            }

            reader.Start(_payload, ArgumentsOffset, ArgumentsLength);
        }

        /// <summary>Writes a command.</summary>
        /// <param name="writer">Begun and ended here.</param>
        /// <param name="id">The sender's name for it: a fresh one.</param>
        /// <param name="command">Which command.</param>
        /// <param name="arguments">A JSON object in UTF-8, or an empty array for none.</param>
        /// <param name="from">Client Identifier of the sender.</param>
        /// <param name="expirySeconds">Epoch seconds, or 0 for never.</param>
        /// <param name="timeToLiveSeconds">Seconds for which it is good, or 0 to say nothing: for a sender that does not know what time it is.</param>
        /// <returns>False if it does not fit into the writer.</returns>
        public static bool Write(FlatJsonWriter writer, string id, string command, byte[] arguments, string from, long expirySeconds, long timeToLiveSeconds = 0)
        {
            writer.Begin();
            writer.Add(CommandField.Id, id);
            writer.Add(CommandField.Command, command);
            if (arguments.Length > 0)
            {
                writer.AddJson(CommandField.Arguments, arguments, 0, arguments.Length);
            }

            writer.Add(CommandField.From, from);
            if (expirySeconds > 0)
            {
                writer.Add(CommandField.Expiry, expirySeconds);
            }

            if (timeToLiveSeconds > 0)
            {
                writer.Add(CommandField.TimeToLive, timeToLiveSeconds);
            }

            return writer.End();
        }

        private void Clear()
        {
            Id = "";
            Command = "";
            From = "";
            ExpirySeconds = 0;
            TimeToLiveSeconds = 0;
            Fault = CommandErrorCode.None;
            IsCommand = false;
            _hasExpiry = false;
            _hasTimeToLive = false;
            _isIdWrong = false;
            ArgumentsOffset = 0;
            ArgumentsLength = 0;
            IdOffset = 0;
            IdLength = 0;
        }

        private bool TryTake()
        {
            string text;
            if (_reader.NameIs(CommandField.Id))
            {
                _isIdWrong = !TryTakeId();
                return !_isIdWrong;
            }

            if (_reader.NameIs(CommandField.Command))
            {
                bool valid = _reader.TryGetString(WireLimits.CommandNameCharsMax, out text) && Command.Length == 0;
                Command = valid ? text : "";
                IsCommand = true;
                return valid;
            }

            if (_reader.NameIs(CommandField.From))
            {
                bool valid = _reader.TryGetString(WireLimits.TopicCharsMax, out text) && From.Length == 0 && ClientId.IsAddressable(text);
                From = valid ? text : "";
                return valid;
            }

            if (_reader.NameIs(CommandField.Expiry))
            {
                bool valid = TryGetSeconds(out long seconds) && !_hasExpiry;
                ExpirySeconds = seconds;
                _hasExpiry = true;
                return valid;
            }

            if (_reader.NameIs(CommandField.TimeToLive))
            {
                bool valid = TryGetSeconds(out long seconds) && !_hasTimeToLive;
                TimeToLiveSeconds = seconds;
                _hasTimeToLive = true;
                return valid;
            }

            if (_reader.NameIs(CommandField.Arguments))
            {
                bool valid = _reader.Kind == JsonKind.Object && ArgumentsLength == 0;
                ArgumentsOffset = _reader.ValueOffset;
                ArgumentsLength = valid ? _reader.ValueLength : 0;
                return valid;
            }

            return true;
        }

        private bool TryTakeId()
        {
            bool isFirst = IdOffset == 0;
            IdOffset = _reader.ValueOffset;
            IdLength = _reader.ValueLength <= WireLimits.CommandIdEchoBytesMax ? _reader.ValueLength : 0;
            string text = "";
            bool valid = _reader.Kind == JsonKind.Number
                ? _reader.ValueLength <= WireLimits.CommandIdCharsMax
                : _reader.TryGetString(WireLimits.CommandIdCharsMax, out text) && text.Length > 0;
            if (valid && _reader.Kind == JsonKind.Number)
            {
                text = _reader.GetNumberText();
            }

            Id = valid ? text : "";
            return valid && isFirst;
        }

        /// <summary>More than 0, rounded up: a command for half a second is good for one.</summary>
        private bool TryGetSeconds(out long seconds)
        {
            double value;
            if (_reader.TryGetInt64(out seconds))
            {
                bool isTime = seconds > 0 && seconds <= SecondsMax;
                seconds = isTime ? seconds : 0;
                return isTime;
            }

            bool valid = _reader.TryGetDouble(out value) && value > 0 && value < SecondsMax;
            seconds = valid ? (long)value : 0;
            seconds += valid && value > seconds ? 1 : 0;
            return valid;
        }
    }
}
