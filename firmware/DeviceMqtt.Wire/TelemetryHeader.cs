namespace DeviceMqtt.Wire
{
    /// <summary>The members of a telemetry or event payload that are not readings.</summary>
    public sealed class TelemetryHeader
    {
        /// <summary>Sequence number; 0 if the payload has none.</summary>
        public long Sequence { get; private set; }

        /// <summary>True if <see cref="TimeSeconds"/> was given.</summary>
        public bool HasTime { get; private set; }

        /// <summary>Seconds since 1970-01-01 UTC.</summary>
        public double TimeSeconds { get; private set; }

        /// <summary>True if <see cref="UpMs"/> and <see cref="BootId"/> were given.</summary>
        public bool HasUp { get; private set; }

        /// <summary>Milliseconds since boot.</summary>
        public long UpMs { get; private set; }

        /// <summary>Which boot.</summary>
        public long BootId { get; private set; }

        /// <summary>True if it was sent late.</summary>
        public bool IsLate { get; private set; }

        /// <summary>
        /// Reads the header out of a payload. False if the payload is not one flat JSON object, or a header member has the wrong type or
        /// comes twice.
        /// </summary>
        /// <param name="reader">Used for the reading, then free again.</param>
        /// <param name="payload">The payload's buffer.</param>
        /// <param name="offset">Where it begins, in bytes.</param>
        /// <param name="count">Its length in bytes.</param>
        public bool TryRead(FlatJsonReader reader, byte[] payload, int offset, int count)
        {
            Sequence = 0;
            HasTime = false;
            IsLate = false;
            UpMs = -1;
            BootId = -1;
            HasUp = false;
            reader.Start(payload, offset, count);
            while (reader.Read())
            {
                if (reader.Kind == JsonKind.Object || reader.Kind == JsonKind.Array || !TryTake(reader))
                {
                    return false;
                }
            }

            // "up" without the boot it counts from says nothing, and the other way round.
            HasUp = UpMs >= 0 && BootId >= 0;
            return !reader.IsMalformed && (HasUp || (UpMs < 0 && BootId < 0));
        }

        private bool TryTake(FlatJsonReader reader)
        {
            long number;
            if (reader.NameIs(TelemetryField.Sequence))
            {
                bool valid = TryGetFrom(reader, 1, out number) && Sequence == 0;
                Sequence = number;
                return valid;
            }

            if (reader.NameIs(TelemetryField.Time))
            {
                double seconds;
                bool valid = reader.TryGetDouble(out seconds) && seconds >= 0 && !HasTime;
                TimeSeconds = seconds;
                HasTime = true;
                return valid;
            }

            if (reader.NameIs(TelemetryField.UpMs))
            {
                bool valid = TryGetFrom(reader, 0, out number) && UpMs < 0;
                UpMs = number;
                return valid;
            }

            if (reader.NameIs(TelemetryField.BootId))
            {
                bool valid = TryGetFrom(reader, 0, out number) && BootId < 0;
                BootId = number;
                return valid;
            }

            if (reader.NameIs(TelemetryField.Late))
            {
                bool valid = TryGetFrom(reader, 1, out number) && number == 1 && !IsLate;
                IsLate = true;
                return valid;
            }

            return true;
        }

        private static bool TryGetFrom(FlatJsonReader reader, long smallest, out long number)
        {
            return reader.TryGetInt64(out number) && number >= smallest;
        }
    }
}
