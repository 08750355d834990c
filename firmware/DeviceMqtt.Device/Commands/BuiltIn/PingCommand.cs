using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary><c>ping</c>: does nothing and says ok. Shows that the loop runs, which an acknowledgement does not.</summary>
    public sealed class PingCommand : ICommandHandler
    {
        /// <inheritdoc/>
        public string Command => "ping";

        /// <inheritdoc/>
        public CommandClass CommandClass => CommandClass.Query;

        /// <inheritdoc/>
        public string Arguments => "";

        /// <inheritdoc/>
        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            return (int)CommandErrorCode.None;
        }
    }
}
