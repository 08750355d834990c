using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// Settings that were changed by command, over those of the file: pins, addresses, intervals and the log. Who the board is and where its
    /// gateway is cannot be changed this way. A change is on trial until a session with the gateway has begun with it: if the board fails before, the next
    /// boot has those changes that worked last, so that a wrong one does not keep the board off the air. A file without a content was cut off, and counts as wrong:
    /// no changes at all are <c>{}</c>.
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
        private byte[] _mark = Nothing.Bytes;
        private bool _hasLeftOut;
        private int _count;

        /// <param name="settings">What the file says.</param>
        /// <param name="files">The board's flash.</param>
        public ChangedSettings(ISettings settings, IFlashFiles files)
        {
            _settings = settings;
            _files = files;
        }

        /// <summary>True if a session has begun with the changes in flash before, or there are none.</summary>
        public bool IsProven { get; private set; } = true;

        /// <summary>True if changes are in force with which no session has begun yet.</summary>
        public bool IsTrial => !IsProven && !_hasLeftOut;

        /// <summary>True if a setting may be changed by command.</summary>
        public static bool IsChangeable(string name)
        {
            return name == SettingName.LogLevel
                || Begins(name, SettingName.EveryPrefix)
                || Begins(name, SettingName.PinPrefix)
                || Begins(name, SettingName.AddressPrefix)
                || Begins(name, SettingName.ActiveLowPrefix);
        }

        /// <summary>Reads what was changed before. Of a file that is wrong, empty or missing, what worked last.</summary>
        public void Load()
        {
            byte[] content = Contents(FlashFileName.Changes);
            IsProven = Content.AreEqual(content, Contents(FlashFileName.LastGoodChanges));
            _mark = Content.Mark(content);
            _hasLeftOut = false;
            if (!TryTake(content) && !IsProven)
            {
                TryLeaveOut();
            }
        }

        /// <summary>
        /// Leaves the changes out, this time: the board does not start with them. First those that are on trial, for those that worked last; then all. False
        /// if there was nothing to leave out.
        /// </summary>
        public bool TryLeaveOut()
        {
            if (IsTrial)
            {
                _hasLeftOut = true;
                TryTake(Contents(FlashFileName.LastGoodChanges));
                return true;
            }

            bool hadAny = _count > 0;
            _hasLeftOut = true;
            _count = 0;
            return hadAny;
        }

        /// <summary>A session has begun with what <see cref="Load"/> found. One write to flash after each change, none otherwise.</summary>
        public void KeepAsGood()
        {
            if (!IsTrial)
            {
                return;
            }

            // A command may have changed more since: that has not been tried.
            byte[] content = Contents(FlashFileName.Changes);
            IsProven = Content.AreEqual(Content.Mark(content), _mark) && _files.TryWrite(FlashFileName.LastGoodChanges, content);
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

        private byte[] Contents(string name)
        {
            return _files.Read(name, FileBytesMax) ?? Nothing.Bytes;
        }

        /// <summary>Takes the changes out of a file's content. False, and none, if it is malformed.</summary>
        private bool TryTake(byte[] content)
        {
            FlatJsonReader reader = new FlatJsonReader();
            reader.Start(content, 0, content.Length);
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
            return !reader.IsMalformed;
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

            if (!writer.End())
            {
                return false;
            }

            // At the file's full length, with blanks behind the end: then a power cut leaves the changes of before or these.
            byte[] content = writer.Buffer;
            for (int i = writer.Length; i < content.Length; i++)
            {
                content[i] = (byte)' ';
            }

            return _files.TryWrite(FlashFileName.Changes, content);
        }
    }
}
