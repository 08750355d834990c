using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary>
    /// <c>{name}.set</c> with <c>{"on":true}</c>: switches an output and answers with the state it has then. Each change is also an event.
    /// </summary>
    public sealed class SwitchCommand : ICommandHandler
    {
        /// <summary>The code of an answer when the pin could not be driven.</summary>
        public const int OutputFailed = (int)CommandErrorCode.PinFailed;

        private const string OnField = "on";

        private readonly IDigitalOutput _output;
        private readonly EventSource _changes;

        /// <param name="output">What is switched.</param>
        /// <param name="changes">Gets each change; its name is the first part of the command's.</param>
        public SwitchCommand(IDigitalOutput output, EventSource changes)
        {
            _output = output;
            _changes = changes;
            Command = string.Concat(changes.Name, ".set");
        }

        /// <inheritdoc/>
        public string Command { get; }

        /// <inheritdoc/>
        public CommandClass CommandClass => CommandClass.Act;

        /// <inheritdoc/>
        public string Arguments => string.Concat("on:b@", _changes.Name, ".on");

        /// <summary>The state it was switched to last.</summary>
        public bool IsOn { get; private set; }

        /// <inheritdoc/>
        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            bool on;
            if (!arguments.TryGetBoolean(OnField, out on))
            {
                return (int)CommandErrorCode.BadArguments;
            }

            if (!_output.TryWrite(on))
            {
                return OutputFailed;
            }

            if (on != IsOn)
            {
                IsOn = on;
                _changes.Post(on);
            }

            result.Add(OnField, on);
            return (int)CommandErrorCode.None;
        }
    }
}
