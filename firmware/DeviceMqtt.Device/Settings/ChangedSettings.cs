using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Settings that were changed by command, over those of the file: pins, addresses, intervals and the log. Who the board is and where its
    /// gateway is cannot be changed this way, so a wrong change never takes the board off the air.
    /// </summary>
    public sealed class ChangedSettings : ISettings, ISettingStore
    {
        /// <summary>Most changes.</summary>
        public const int ChangesMax = 16;

        /// <summary>Most bytes of a value.</summary>
        public const int ValueBytesMax = 32;

        private const int FileBytesMax = 1024;

        private readonly ISettings _settings;
        private readonly IFlashFiles _files;
        private readonly string[] _names = EmptyTexts.Make(ChangesMax);
        private readonly string[] _values = EmptyTexts.Make(ChangesMax);
        private int _count;

        /// <param name="settings">What the file says.</param>
        /// <param name="files">The board's flash.</param>
        public ChangedSettings(ISettings settings, IFlashFiles files)
        {
            _settings = settings;
            _files = files;
        }

        /// <summary>True if a setting may be changed by command.</summary>
        public static bool IsChangeable(string name)
        {
            return name == SettingName.LogLevel
                || Begins(name, SettingName.EveryPrefix)
                || Begins(name, SettingName.PinPrefix)
                || Begins(name, SettingName.AddressPrefix)
                || Begins(name, SettingName.ActiveLowPrefix);
        }

        /// <summary>Reads what was changed before. A file that is wrong counts as none.</summary>
        public void Load()
        {
            byte[]? content = _files.Read(FlashFileName.Changes, FileBytesMax);
            FlatJsonReader reader = new FlatJsonReader();
            reader.Start(content ?? Nothing.Bytes, 0, content == null ? 0 : content.Length);
            _count = 0;
            while (reader.Read() && _count < ChangesMax)
            {
                string value;
                string name = reader.GetName();
                if (IsChangeable(name) && reader.TryGetString(ValueBytesMax, out value))
                {
                    _names[_count] = name;
                    _values[_count] = value;
                    _count++;
                }
            }

            _count = reader.IsMalformed ? 0 : _count;
        }

        /// <summary>Leaves the changes out, this time: the board does not start with them.</summary>
        public void Ignore()
        {
            _count = 0;
        }

        /// <inheritdoc/>
        public string? Read(string name)
        {
            int at = Find(name);
            return at < _count ? _values[at] : _settings.Read(name);
        }

        /// <inheritdoc/>
        public bool TryStore(string name, string value)
        {
            if (!IsChangeable(name) || value.Length > ValueBytesMax)
            {
                return false;
            }

            int at = Find(name);
            string valueBefore = at < _count ? _values[at] : "";
            if (!TryChange(at, name, value) || !TrySave())
            {
                // As before, also in memory.
                TryChange(Find(name), name, valueBefore);
                return false;
            }

            return true;
        }

        private static bool Begins(string name, string prefix)
        {
            if (name.Length <= prefix.Length || name.Length > WireLimits.CommandNameCharsMax)
            {
                return false;
            }

            for (int i = 0; i < prefix.Length; i++)
            {
                if (name[i] != prefix[i])
                {
                    return false;
                }
            }

            return true;
        }

        private int Find(string name)
        {
            int at = 0;
            while (at < _count && _names[at] != name)
            {
                at++;
            }

            return at;
        }

        private bool TryChange(int at, string name, string value)
        {
            if (value.Length == 0)
            {
                if (at < _count)
                {
                    _count--;
                    _names[at] = _names[_count];
                    _values[at] = _values[_count];
                }

                return true;
            }

            if (at == ChangesMax)
            {
                return false;
            }

            _names[at] = name;
            _values[at] = value;
            _count = at == _count ? _count + 1 : _count;
            return true;
        }

        private bool TrySave()
        {
            FlatJsonWriter writer = new FlatJsonWriter(FileBytesMax);
            writer.Begin();
            for (int i = 0; i < _count; i++)
            {
                writer.Add(_names[i], _values[i]);
            }

            return writer.End() && _files.TryWrite(FlashFileName.Changes, writer.ToArray());
        }
    }
}
