using DeviceMqtt.Wire;

namespace DeviceMqtt.Device
{
    /// <summary><c>time.set</c> with <c>{"t":1795210757}</c>: tells a board without a time server what time it is, in seconds since 1970.</summary>
    internal sealed class TimeCommand : ICommandHandler
    {
        private const string TimeField = "t";

        // 2025-01-01: before this firmware was written. 2100-01-01: after it.
        private const double SecondsMin = 1_735_689_600;
        private const double SecondsMax = 4_102_444_800;

        private readonly IClock _clock;

        internal TimeCommand(IClock clock)
        {
            _clock = clock;
        }

        /// <inheritdoc/>
        public string Command => "time.set";

        /// <inheritdoc/>
        public CommandClass CommandClass => CommandClass.Query;

        /// <inheritdoc/>
        public string Arguments => "t:n";

        /// <inheritdoc/>
        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            double seconds;
            if (!arguments.TryGetNumber(TimeField, SecondsMin, SecondsMax, out seconds))
            {
                return (int)CommandErrorCode.BadArguments;
            }

            ISettableClock? clock = _clock as ISettableClock;
            return clock != null && clock.TrySet((long)(seconds * 1000)) ? (int)CommandErrorCode.None : (int)CommandErrorCode.ClockFailed;
        }
    }
}
