namespace DeviceMqtt.Device
{
    /// <summary>
    /// Chooses the settings at boot.
    /// <list type="bullet">
    /// <item>A file that is missing, cut or wrong is said, by what is wrong with it, and never used in part.</item>
    /// <item>Then the last settings that worked are used, if there are any; else the board stays in its safe state.</item>
    /// <item>Settings become the last good ones when a session with the gateway has begun with them, not before.</item>
    /// </list>
    /// </summary>
    public sealed class SettingsBoot
    {
        /// <summary>What is said of a file that is not there or longer than <see cref="SettingsText.BytesMax"/>.</summary>
        public const string Missing = "missing";

        /// <summary>What is said of a file that is no JSON object.</summary>
        public const string Unreadable = "unreadable";

        private readonly IFlashFiles _files;
        private readonly string[] _boards;
        private byte[] _content = Nothing.Bytes;

        /// <param name="files">The board's flash.</param>
        /// <param name="boards">Names of the boards that the firmware knows.</param>
        public SettingsBoot(IFlashFiles files, string[] boards)
        {
            _files = files;
            _boards = boards;
            Text = new ChangedSettings(new SettingsText(), files);
        }

        /// <summary>Where the settings came from.</summary>
        public SettingsSource Source { get; private set; }

        /// <summary>
        /// What was wrong with the file that was provisioned: empty, <see cref="Missing"/>, <see cref="Unreadable"/>, or the name of a setting.
        /// </summary>
        public string Fault { get; private set; } = "";

        /// <summary>Who the device is. Not to be used without a source.</summary>
        public DeviceOptions Options { get; private set; } = new DeviceOptions();

        /// <summary>What its adapters are told. Not to be used without a source.</summary>
        public BoardSettings Settings { get; private set; } = new BoardSettings();

        /// <summary>The settings themselves, with what was changed by command. Not to be used without a source.</summary>
        public ChangedSettings Text { get; private set; }

        /// <summary>Reads the files.</summary>
        public void Load()
        {
            Fault = TryLoad(FlashFileName.Settings);
            if (Fault.Length == 0)
            {
                Source = SettingsSource.Given;
                return;
            }

            Source = TryLoad(FlashFileName.LastGoodSettings).Length == 0 ? SettingsSource.LastGood : SettingsSource.None;
        }

        /// <summary>A session has begun: these settings work. Writes to flash only if they are not the last good ones already.</summary>
        public void KeepAsGood()
        {
            Text.KeepAsGood();
            if (Source != SettingsSource.Given)
            {
                return;
            }

            byte[]? before = _files.Read(FlashFileName.LastGoodSettings, SettingsText.BytesMax);
            if (before == null || !Content.AreEqual(before, _content))
            {
                // If the flash fails there is nothing to be done: the board works, it only has nothing to fall back to.
                _files.TryWrite(FlashFileName.LastGoodSettings, _content);
            }
        }

        private string TryLoad(string name)
        {
            byte[]? content = _files.Read(name, SettingsText.BytesMax);
            if (content == null)
            {
                return Missing;
            }

            SettingsText text = new SettingsText();
            if (!text.TryParse(content))
            {
                return Unreadable;
            }

            DeviceOptions options = new DeviceOptions { OutboxBytes = DeviceOptions.BoardOutboxBytes };
            string wrong = options.Load(text);
            if (wrong.Length > 0)
            {
                return wrong;
            }

            BoardSettings settings = new BoardSettings();
            wrong = settings.Load(text);
            if (wrong.Length > 0)
            {
                return wrong;
            }

            if (!IsKnown(settings.Board))
            {
                return SettingName.Board;
            }

            ChangedSettings changed = new ChangedSettings(text, _files);
            changed.Load();
            Text = changed;
            _content = content;
            Options = options;
            Settings = settings;
            return "";
        }

        private bool IsKnown(string board)
        {
            for (int i = 0; i < _boards.Length; i++)
            {
                if (_boards[i] == board)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
