using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>Settings out of one flat JSON object. Strings, whole numbers and booleans; everything else makes the text wrong.</summary>
    public sealed class SettingsText : ISettings
    {
        /// <summary>Most bytes of a settings file.</summary>
        public const int BytesMax = 2048;

        private const int MembersMax = 32;

        private readonly string[] _names = EmptyTexts.Make(MembersMax);
        private readonly string[] _values = EmptyTexts.Make(MembersMax);
        private int _count;

        /// <summary>Takes the members of a text. False if it is cut, no JSON, or says something twice; then nothing of it is kept.</summary>
        public bool TryParse(byte[] text)
        {
            FlatJsonReader reader = new FlatJsonReader();
            reader.Start(text, 0, text.Length);
            _count = 0;
            while (reader.Read())
            {
                string value;
                string name = reader.GetName();
                if (_count == MembersMax || Read(name) != null || !TryGetText(reader, out value))
                {
                    _count = 0;
                    return false;
                }

                _names[_count] = name;
                _values[_count] = value;
                _count++;
            }

            _count = reader.IsMalformed ? 0 : _count;
            return _count > 0;
        }

        /// <inheritdoc/>
        public string? Read(string name)
        {
            for (int i = 0; i < _count; i++)
            {
                if (_names[i] == name)
                {
                    return _values[i];
                }
            }

            return null;
        }

        private static bool TryGetText(FlatJsonReader reader, out string value)
        {
            long number;
            bool flag;
            if (reader.TryGetInt64(out number))
            {
                value = number.ToString();
                return true;
            }

            if (reader.TryGetBoolean(out flag))
            {
                value = flag ? BoardSettings.Yes : BoardSettings.No;
                return true;
            }

            return reader.TryGetString(BytesMax, out value);
        }
    }
}
