using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary><c>ping</c>: does nothing and says ok. Shows that the loop runs, which an acknowledgement does not.</summary>
    public sealed class PingCommand : ICommandHandler
    {
        /// <inheritdoc/>
        public string Command => "ping";

        /// <inheritdoc/>
        public int Execute(FlatJsonReader arguments, FlatJsonWriter result)
        {
            return (int)CommandErrorCode.None;
        }
    }
}
