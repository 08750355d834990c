using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary><c>info</c>: which boot this is and how it goes, in few words; what the device can do stands in its birth.</summary>
    internal sealed class InfoCommand : ICommandHandler
    {
        private readonly DeviceLoop _loop;
        private readonly StandardHandlers _standard;

        internal InfoCommand(DeviceLoop loop, StandardHandlers standard)
        {
            _loop = loop;
            _standard = standard;
        }

        /// <inheritdoc/>
        public string Command => "info";

        /// <inheritdoc/>
        public CommandClass CommandClass => CommandClass.Query;

        /// <inheritdoc/>
        public string Arguments => "";

        /// <inheritdoc/>
        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            result.Add(BirthField.Firmware, _loop.Options.Firmware);
            result.Add(BirthField.Board, _loop.Options.Board);
            result.Add(BirthField.ResetCause, _loop.Options.ResetCause);
            result.Add(BirthField.BootId, _loop.Options.BootId);
            result.Add(BirthField.UpMs, _standard.NowMs);
            result.Add("conn", _loop.ConnectionCount);
            result.Add("waiting", _loop.PendingMessages);
            result.Add("dropped", _loop.DroppedMessages);
            result.Add("level", LevelLog.WordOf(_loop.Level.Level));
            return (int)CommandErrorCode.None;
        }
    }
}
