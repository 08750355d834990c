using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// The arguments of the command that is being carried out. Each is looked for from the beginning: there are few, and nothing is kept. An
    /// argument that stands there twice counts as wrong.
    /// </summary>
    public sealed class CommandArguments
    {
        private readonly FlatJsonReader _reader = new FlatJsonReader();
        private readonly CommandEnvelope _envelope;

        /// <param name="envelope">Holds the command.</param>
        public CommandArguments(CommandEnvelope envelope)
        {
            _envelope = envelope;
        }

        /// <summary>True if the argument stands there once, as a boolean.</summary>
        public bool TryGetBoolean(string name, out bool value)
        {
            value = false;
            return Find(name) == 1 && Stop(name) && _reader.TryGetBoolean(out value);
        }

        /// <summary>True if the argument stands there once, as a whole number in that range.</summary>
        public bool TryGetWhole(string name, long min, long max, out long value)
        {
            value = 0;
            return Find(name) == 1 && Stop(name) && _reader.TryGetInt64(out value) && value >= min && value <= max;
        }

        /// <summary>As above; an argument that is left out has its default.</summary>
        public bool TryGetWholeOr(string name, long min, long max, long ifMissing, out long value)
        {
            value = ifMissing;
            return Find(name) == 0 || TryGetWhole(name, min, max, out value);
        }

        /// <summary>True if the argument stands there once, as a number in that range.</summary>
        public bool TryGetNumber(string name, double min, double max, out double value)
        {
            value = 0;
            return Find(name) == 1 && Stop(name) && _reader.TryGetDouble(out value) && value >= min && value <= max;
        }

        /// <summary>True if the argument stands there once, as a text of at most so many bytes.</summary>
        public bool TryGetText(string name, int bytesMax, out string value)
        {
            value = "";
            return Find(name) == 1 && Stop(name) && _reader.TryGetString(bytesMax, out value);
        }

        /// <summary>Lets go of the command.</summary>
        internal void Release()
        {
            _envelope.Release();
            _envelope.StartArguments(_reader);
        }

        /// <summary>How often it stands there; -1 if the text is malformed.</summary>
        private int Find(string name)
        {
            int count = 0;
            _envelope.StartArguments(_reader);
            while (_reader.Read())
            {
                count += _reader.NameIs(name) ? 1 : 0;
            }

            return _reader.IsMalformed ? -1 : count;
        }

        private bool Stop(string name)
        {
            _envelope.StartArguments(_reader);
            while (_reader.Read())
            {
                if (_reader.NameIs(name))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
