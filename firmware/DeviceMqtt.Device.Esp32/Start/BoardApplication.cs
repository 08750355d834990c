using System;
using System.Device.Gpio;
using System.Threading;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// A board from power-on: reads its settings, puts the device together, and runs it. One thread, which ticks the device loop and feeds the
    /// watchdogs; what blocks (network, TLS) runs on others.
    /// </summary>
    internal sealed class BoardApplication
    {
        private const int TickMs = 20;
        private const int LeavePauseMs = 500;

        // Digits of the sum that gives each device other pauses between its attempts.
        private const int SeedFactor = 31;

        private readonly IFlashFiles _files;
        private readonly IRingFile _ring;
        private readonly IRingFile _commands;
        private readonly GpioController _pins = new GpioController();
        private readonly BootRecord _record;
        private readonly SettingsBoot _settings;
        private SafeState? _safe;
        private DeviceLoop? _loop;
        private SleepPlan? _sleep;
        private RestartPlan? _restart;
        private Lamp? _lamp;
        private LoopGuard? _guard;
        private PinWatchdog? _watchdog;
        private bool _hasSettled;

        /// <param name="files">Settings, and what the board remembers.</param>
        /// <param name="ring">Where readings wait over a restart.</param>
        /// <param name="commands">Where the last commands are kept.</param>
        internal BoardApplication(IFlashFiles files, IRingFile ring, IRingFile commands)
        {
            _commands = commands;
            _files = files;
            _ring = ring;
            _record = new BootRecord(files);
            _settings = new SettingsBoot(files, AllBoards.Names());
        }

        /// <summary>Why it started, for the next boot to know.</summary>
        internal BootRecord Record => _record;

        /// <summary>What it was told.</summary>
        internal SettingsBoot Settings => _settings;

        /// <summary>The chip's pins.</summary>
        internal GpioController Pins => _pins;

        /// <summary>The device; null in the safe state.</summary>
        internal DeviceLoop? Loop => _loop;

        /// <summary>Reads the settings and puts the device together.</summary>
        internal void Start()
        {
            _record.Begin();
            _settings.Load();
            Board? board = _settings.Source == SettingsSource.None ? null : AllBoards.Find(_settings.Settings.Board);
            if (board == null)
            {
                _safe = new SafeState(_pins, _settings.Fault);
                return;
            }

            board = Configure(board);
            Describe(board);
            Build(board);
            Say(board);
        }

        /// <summary>Does what is due. True when the board is to sleep or to restart now.</summary>
        internal bool Tick(long nowMs)
        {
            _watchdog?.Feed();
            _guard?.Feed();
            if (_safe != null)
            {
                _safe.Tick(nowMs);
                return nowMs >= RestartPlan.DueMs;
            }

            if (_loop == null)
            {
                throw new InvalidOperationException("not started");
            }

            _loop.Tick(nowMs);
            bool isUp = _loop.Link == LinkState.Up;
            // Not with the first packet: a change may make a stream crash that is read later.
            if (isUp && !_hasSettled && _loop.IsSettled)
            {
                _hasSettled = true;
                _settings.KeepAsGood();
                _record.EndTrial();
            }

            _lamp?.Show(SignalOf(isUp), nowMs);
            if (_loop.IsRebootAsked || _loop.IsHung)
            {
                return _loop.IsStopped;
            }

            return _sleep != null ? _sleep.Tick(nowMs) : _restart != null && _restart.Tick(nowMs);
        }

        /// <summary>Runs for ever, or until it sleeps or is to restart.</summary>
        internal void Run()
        {
            Start();
            long bootMs = Environment.TickCount64;
            _guard?.Start();
            while (!Tick(Environment.TickCount64 - bootMs))
            {
                Thread.Sleep(TickMs);
            }

            // DISCONNECT is on its way on another thread.
            Thread.Sleep(LeavePauseMs);
            string cause = RestartCause();
            if (_sleep == null || cause.Length > 0)
            {
                // Who calls this restarts the board when it comes back.
                _record.MarkRestart(cause);
                return;
            }

            _record.EndTrial();
            DeepSleep.Begin(_sleep.SleepSeconds);
        }

        /// <summary>Why the board is to start anew; empty if it is to sleep.</summary>
        internal string RestartCause()
        {
            if (_loop != null && _loop.IsRebootAsked)
            {
                return BootRecord.Reset;
            }

            if (_loop != null && _loop.IsHung)
            {
                return BootRecord.Watchdog;
            }

            return _sleep == null ? BootRecord.Planned : "";
        }

        private static int SeedOf(string clientId, long bootId)
        {
            int seed = (int)bootId;
            for (int i = 0; i < clientId.Length; i++)
            {
                seed = (seed * SeedFactor) + clientId[i];
            }

            return seed;
        }

        /// <summary>
        /// The board with the pins and addresses of its settings. Those that it cannot start with are said and left out, first the changed ones, and so are
        /// changes with which it has failed before a session began: it is on the air then, and can be told better.
        /// </summary>
        private Board Configure(Board board)
        {
            ChangedSettings settings = _settings.Text;
            if (settings.IsTrial && _record.HasFailed)
            {
                Console.WriteLine("CHANGES IGNORED: the board failed before a session began with them");
                settings.TryLeaveOut();
            }

            // At most three times: with the changes, with those that worked before, and without any.
            Board configured = board;
            string wrong = configured.Configure(settings);
            while (wrong.Length > 0)
            {
                bool hadChanges = settings.TryLeaveOut();
                Console.WriteLine(string.Concat(hadChanges ? "CHANGES IGNORED: " : "SETTING IGNORED: ", wrong));
                configured = AllBoards.Find(board.Name) ?? board;
                wrong = hadChanges ? configured.Configure(settings) : "";
            }

            if (settings.IsTrial)
            {
                _record.MarkTrial();
            }
            else
            {
                _record.EndTrial();
            }

            return configured;
        }

        private LampSignal SignalOf(bool isUp)
        {
            if (_settings.Source == SettingsSource.LastGood)
            {
                return LampSignal.LastGoodSettings;
            }

            return isUp ? LampSignal.Connected : LampSignal.Connecting;
        }

        private void Describe(Board board)
        {
            DeviceOptions options = _settings.Options;
            options.Board = board.Name;
            options.Firmware = FirmwareVersion.Text;
            options.BootId = _record.BootId;
            options.ResetCause = _record.ResetCause;
            LogLevel level;
            options.LogLevel = BoardSettings.TryReadLogLevel(_settings.Text, out level) ? level : _settings.Settings.LogLevel;
            options.Seed = SeedOf(options.ClientId, _record.BootId);
        }

        private void Build(Board board)
        {
            BoardSettings settings = _settings.Settings;
            BoardClock clock = new BoardClock(settings.TimeServer);
            WifiLink wifi = new WifiLink(settings.Ssid, settings.WifiPassword, _files);
            BoardClients clients = new BoardClients(settings, _files, wifi, clock);
            DeviceLoop loop = new DeviceLoop(_settings.Options, clock, clients, new ThreadBackground(), new SerialLog(), _ring, _commands);
            loop.AddStandardCommands(new FreePins(_pins, board), _settings.Text);
            loop.Add(new SettingCommand(_settings.Text, _settings.Text, board));
            _loop = loop;
            _lamp = new Lamp(new OutputPin(_pins, board.Lamp.Gpio, board.IsLampActiveLow));
            _guard = new LoopGuard(_record);
            _watchdog = board.Watchdog == null ? null : new PinWatchdog(_pins, board.Watchdog.Gpio);
            board.Fit(new BoardParts(loop, _pins, _settings.Text, board.Chip));
            if (board.SleepSeconds > 0)
            {
                _sleep = new SleepPlan(loop, settings.SleepSeconds > 0 ? settings.SleepSeconds : board.SleepSeconds);
            }
            else
            {
                _restart = new RestartPlan(loop);
            }
        }

        /// <summary>One block at boot: what somebody with a cable needs to know.</summary>
        private void Say(Board board)
        {
            Console.WriteLine(string.Concat("DeviceMqtt ", FirmwareVersion.Text, " on ", board.Name));
            Console.WriteLine(string.Concat("  boot ", _record.BootId.ToString(), ", reset cause ", _record.ResetCause));
            Console.WriteLine(string.Concat("  as ", _settings.Options.ClientId, " to ", _settings.Settings.Host));
            if (_settings.Source == SettingsSource.LastGood)
            {
                Console.WriteLine(string.Concat("  LAST GOOD SETTINGS: ", FlashFileName.Settings, ": ", _settings.Fault));
            }

            BoardPin[] pins = board.Pins;
            for (int i = 0; i < pins.Length; i++)
            {
                Console.WriteLine(string.Concat(string.Concat("  pin ", pins[i].Label, " = GPIO "), pins[i].Gpio.ToString(), ": ", pins[i].Use));
            }
        }
    }
}
