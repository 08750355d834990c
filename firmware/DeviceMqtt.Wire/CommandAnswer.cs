namespace DeviceMqtt.Wire
{
    /// <summary>What a device answers to a command. One object is reused for many: reading the next one replaces the last.</summary>
    public sealed class CommandAnswer
    {
        private readonly FlatJsonReader _reader = new FlatJsonReader();
        private bool _hasCode;

        /// <summary>The id of the command it answers.</summary>
        public string Id { get; private set; } = "";

        /// <summary>One of <see cref="CommandStatus"/>.</summary>
        public string Status { get; private set; } = "";

        /// <summary>0, or the number of an error.</summary>
        public long Code { get; private set; }

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
        /// Reads a payload. False if it is no answer: longer than <see cref="WireLimits.CommandBytesMax"/>, not one JSON object, without id or a
        /// known status, or with a member of a wrong type or twice.
        /// </summary>
        public bool TryRead(byte[] payload, int offset, int count)
        {
            Id = "";
            Status = "";
            Code = 0;
            _hasCode = false;
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

            return valid && !_reader.IsMalformed && Id.Length > 0 && CommandStatus.IsKnown(Status);
        }

        private bool TryTake()
        {
            string text;
            if (_reader.NameIs(CommandField.Id))
            {
                bool valid = _reader.TryGetString(WireLimits.CommandIdCharsMax, out text) && Id.Length == 0;
                Id = text;
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
    }
}
