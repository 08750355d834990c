namespace DeviceMqtt.Wire
{
    /// <summary>What a device answers to a command. One object is reused for many: reading the next one replaces the last.</summary>
    public sealed class CommandAnswer
    {
        private readonly FlatJsonReader _reader = new FlatJsonReader();
        // Words for people, of our own firmware and of others'.
        private const int ReasonBytesMax = 160;

        private bool _hasCode;
        private bool _hasId;

        /// <summary>The id of the command it answers; a number as it was written. Empty if the device could not repeat it.</summary>
        public string Id { get; private set; } = "";

        /// <summary>One of <see cref="CommandStatus"/>.</summary>
        public string Status { get; private set; } = "";

        /// <summary>0, or the number of an error.</summary>
        public long Code { get; private set; }

        /// <summary>What went wrong, in words; empty if nothing did.</summary>
        public string Reason { get; private set; } = "";

        /// <summary>Where <c>res</c> begins in the payload, in bytes.</summary>
        public int ResultOffset { get; private set; }

        /// <summary>Bytes of <c>res</c>; 0 if there is none.</summary>
        public int ResultLength { get; private set; }

        /// <summary>Opens an answer; results follow as <c>res</c> by the caller, then <see cref="FlatJsonWriter.End"/>.</summary>
        public static void Begin(FlatJsonWriter writer, string id, string status, int code)
        {
            writer.Begin();
            writer.Add(CommandField.Id, id);
            writer.Add(CommandField.Status, status);
            writer.Add(CommandField.Code, code);
        }

        /// <summary>
        /// Opens an answer whose id is repeated as it was written in the command, with the error in words. Results follow by the caller, then
        /// <see cref="FlatJsonWriter.End"/>.
        /// </summary>
        /// <param name="writer">Begun here.</param>
        /// <param name="payload">The command.</param>
        /// <param name="idOffset">Where its id begins.</param>
        /// <param name="idLength">Bytes of its id; 0 for an id that cannot be repeated: then it is <c>null</c>.</param>
        /// <param name="status">One of <see cref="CommandStatus"/>.</param>
        /// <param name="code">0, or the number of an error.</param>
        public static void Begin(FlatJsonWriter writer, byte[] payload, int idOffset, int idLength, string status, int code)
        {
            writer.Begin();
            if (idLength > 0)
            {
                writer.AddJson(CommandField.Id, payload, idOffset, idLength);
            }
            else
            {
                writer.AddJson(CommandField.Id, JsonEmpty.Null, 0, JsonEmpty.Null.Length);
            }

            writer.Add(CommandField.Status, status);
            writer.Add(CommandField.Code, code);
            string reason = CommandErrorText.Of(code);
            if (reason.Length > 0)
            {
                writer.Add(CommandField.Reason, reason);
            }
        }

        /// <summary>
        /// Reads a payload. False if it is no answer: longer than <see cref="WireLimits.CommandBytesMax"/>, not one JSON object, without id or a
        /// known status, or with a member of a wrong type or twice. An error may have <c>null</c> for its id.
        /// </summary>
        public bool TryRead(byte[] payload, int offset, int count)
        {
            Id = "";
            Status = "";
            Code = 0;
            Reason = "";
            _hasCode = false;
            _hasId = false;
            ResultOffset = 0;
            ResultLength = 0;
            if (count > WireLimits.CommandBytesMax)
            {
                return false;
            }

            bool valid = true;
            _reader.Start(payload, offset, count);
            while (valid && _reader.Read())
            {
                valid = TryTake();
            }

            return valid && !_reader.IsMalformed && _hasId && (Id.Length > 0 || Status == CommandStatus.Error) && CommandStatus.IsKnown(Status);
        }

        private bool TryTake()
        {
            string text;
            if (_reader.NameIs(CommandField.Id))
            {
                bool valid = !_hasId && TryTakeId();
                _hasId = true;
                return valid;
            }

            if (_reader.NameIs(CommandField.Reason))
            {
                bool valid = _reader.TryGetString(ReasonBytesMax, out text) && Reason.Length == 0;
                Reason = text;
                return valid;
            }

            if (_reader.NameIs(CommandField.Status))
            {
                bool valid = _reader.TryGetString(WireLimits.CommandNameCharsMax, out text) && Status.Length == 0;
                Status = text;
                return valid;
            }

            if (_reader.NameIs(CommandField.Code))
            {
                long code;
                bool valid = _reader.TryGetInt64(out code) && !_hasCode;
                Code = code;
                _hasCode = true;
                return valid;
            }

            if (_reader.NameIs(CommandField.Result))
            {
                bool valid = _reader.Kind == JsonKind.Object && ResultLength == 0;
                ResultOffset = _reader.ValueOffset;
                ResultLength = _reader.ValueLength;
                return valid;
            }

            return true;
        }

        private bool TryTakeId()
        {
            switch (_reader.Kind)
            {
                case JsonKind.Null:
                    return true;
                case JsonKind.Number:
                    Id = _reader.ValueLength <= WireLimits.CommandIdEchoBytesMax ? _reader.GetNumberText() : "";
                    return Id.Length > 0;
                default:
                    string text;
                    bool valid = _reader.TryGetString(WireLimits.CommandIdEchoBytesMax, out text);
                    Id = text;
                    return valid;
            }
        }
    }
}
