namespace DeviceMqtt.Device
{
    /// <summary>The commands that every board has, and what they need from tick to tick. Their names and arguments stand in firmware/docs/wire.md.</summary>
    internal sealed class StandardHandlers
    {
        private const long Never = long.MaxValue;

        private readonly PinPulses? _pulses;
        private long _rebootMs = Never;

        /// <param name="loop">Gets the commands.</param>
        /// <param name="pins">The pins that commands may use, or null.</param>
        /// <param name="store">Where changed settings are kept, or null.</param>
        internal StandardHandlers(DeviceLoop loop, IPins? pins, ISettingStore? store)
        {
            loop.Add(new PingCommand());
            loop.Add(new InfoCommand(loop, this));
            loop.Add(new RebootCommand(this));
            if (pins != null)
            {
                _pulses = new PinPulses(pins);
                loop.Add(new PinCommand(PinCommand.Get, pins, _pulses));
                loop.Add(new PinCommand(PinCommand.Set, pins, _pulses));
                loop.Add(new PinCommand(PinCommand.Pulse, pins, _pulses));
            }

            loop.Add(new IntervalCommand(loop, store));
            loop.Add(new LogLevelCommand(loop.Level));
            loop.Add(new TimeCommand(loop.Clock));
        }

        /// <summary>The tick that is being done.</summary>
        internal long NowMs { get; private set; }

        /// <summary>True when the time of a reboot has come.</summary>
        internal bool IsRebootDue => NowMs >= _rebootMs;

        /// <summary>True if no pin is in a pulse and no reboot was asked for.</summary>
        internal bool IsQuiet => _rebootMs == Never && (_pulses == null || _pulses.Count == 0);

        internal void Tick(long nowMs)
        {
            NowMs = nowMs;
            _pulses?.Tick(nowMs);
        }

        internal void Reboot(long atMs)
        {
            _rebootMs = atMs;
        }
    }
}
