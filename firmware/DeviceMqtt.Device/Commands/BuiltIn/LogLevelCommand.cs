using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary><c>log.level</c> with <c>{"level":"debug"}</c>: what the serial line says, until the next start.</summary>
    internal sealed class LogLevelCommand : ICommandHandler
    {
        private const string LevelField = "level";

        private readonly LevelLog _log;

        internal LogLevelCommand(LevelLog log)
        {
            _log = log;
        }

        /// <inheritdoc/>
        public string Command => "log.level";

        /// <inheritdoc/>
        public CommandClass CommandClass => CommandClass.Configure;

        /// <inheritdoc/>
        public string Arguments => "level:e(off|error|info|debug)";

        /// <inheritdoc/>
        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            string word;
            LogLevel level;
            if (!arguments.TryGetText(LevelField, WireLimits.CommandNameCharsMax, out word) || !LevelLog.TryGetLevel(word, out level))
            {
                return (int)CommandErrorCode.BadArguments;
            }

            _log.Level = level;
            result.Add(LevelField, word);
            return (int)CommandErrorCode.None;
        }
    }
}
