using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary><c>reboot</c> with <c>{"after":1}</c>: the device says goodbye and the board starts anew, so many seconds later.</summary>
    internal sealed class RebootCommand : ICommandHandler
    {
        private const string AfterField = "after";
        private const int AfterSecondsMax = 60;

        private readonly StandardHandlers _standard;

        internal RebootCommand(StandardHandlers standard)
        {
            _standard = standard;
        }

        /// <inheritdoc/>
        public string Command => "reboot";

        /// <inheritdoc/>
        public CommandClass CommandClass => CommandClass.Act;

        /// <inheritdoc/>
        public string Arguments => "after?:i0..60[s]=1";

        /// <inheritdoc/>
        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            long after;
            if (!arguments.TryGetWholeOr(AfterField, 0, AfterSecondsMax, 1, out after))
            {
                return (int)CommandErrorCode.BadArguments;
            }

            _standard.Reboot(_standard.NowMs + (after * 1000));
            return (int)CommandErrorCode.None;
        }
    }
}
