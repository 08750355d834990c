using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// <c>gpio.get</c>, <c>gpio.set</c> and <c>gpio.pulse</c>: a pin that the board does not use itself. On is high. A pulse is high for a time and then
    /// low; setting the pin ends it.
    /// </summary>
    internal sealed class PinCommand : ICommandHandler
    {
        internal const string Get = "gpio.get";
        internal const string Set = "gpio.set";
        internal const string Pulse = "gpio.pulse";

        private const string PinField = "pin";
        private const string OnField = "on";
        private const string HoldField = "hold";
        private const int HoldMsMax = 60_000;
        private const int HoldMsUsual = 500;

        private readonly IPins _pins;
        private readonly PinPulses _pulses;

        internal PinCommand(string command, IPins pins, PinPulses pulses)
        {
            Command = command;
            _pins = pins;
            _pulses = pulses;
        }

        /// <inheritdoc/>
        public string Command { get; }

        /// <inheritdoc/>
        public CommandClass CommandClass => Command == Get ? CommandClass.Query : CommandClass.Act;

        /// <inheritdoc/>
        public string Arguments
        {
            get
            {
                string pin = string.Concat("pin:i0..", _pins.Last.ToString());
                return Command == Get ? pin : string.Concat(pin, Command == Set ? " on:b" : " hold?:i1..60000[ms]=500");
            }
        }

        /// <inheritdoc/>
        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            long pin;
            if (!arguments.TryGetWhole(PinField, 0, _pins.Last, out pin))
            {
                return (int)CommandErrorCode.BadArguments;
            }

            if (!_pins.IsFree((int)pin))
            {
                return (int)CommandErrorCode.PinNotFree;
            }

            return Command == Get ? Read((int)pin, result) : Command == Set ? Write((int)pin, arguments, result) : Begin((int)pin, arguments);
        }

        private int Read(int pin, FlatJsonWriter result)
        {
            bool isHigh;
            if (!_pins.TryRead(pin, out isHigh))
            {
                return (int)CommandErrorCode.PinFailed;
            }

            result.Add(OnField, isHigh);
            return (int)CommandErrorCode.None;
        }

        private int Write(int pin, CommandArguments arguments, FlatJsonWriter result)
        {
            bool on;
            if (!arguments.TryGetBoolean(OnField, out on))
            {
                return (int)CommandErrorCode.BadArguments;
            }

            _pulses.Forget(pin);
            if (!_pins.TryWrite(pin, on))
            {
                return (int)CommandErrorCode.PinFailed;
            }

            result.Add(OnField, on);
            return (int)CommandErrorCode.None;
        }

        private int Begin(int pin, CommandArguments arguments)
        {
            long hold;
            if (!arguments.TryGetWholeOr(HoldField, 1, HoldMsMax, HoldMsUsual, out hold))
            {
                return (int)CommandErrorCode.BadArguments;
            }

            return _pulses.TryBegin(pin, (int)hold) ? (int)CommandErrorCode.None : (int)CommandErrorCode.PinFailed;
        }
    }
}
