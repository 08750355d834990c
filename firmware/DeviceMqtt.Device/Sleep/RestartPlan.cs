namespace DeviceMqtt.Device
{
    /// <summary>
    /// When a board that never sleeps starts anew by itself. nanoFramework counts the time since boot in a number of 32 bits, 100 times a second on an ESP32:
    /// after 497 days it begins again at 0, and whatever waits for a time would wait for ever. So the board restarts before, at the first quiet moment.
    /// </summary>
    public sealed class RestartPlan
    {
        private const long DayMs = 86_400_000;

        /// <summary>From here on it restarts as soon as nothing is under way, in milliseconds since boot: 400 days.</summary>
        public const long DueMs = 400 * DayMs;

        /// <summary>From here on it restarts in any case: a board without its gateway is never quiet. 450 days.</summary>
        public const long LatestMs = 450 * DayMs;

        private readonly DeviceLoop _loop;
        private bool _isAsked;

        /// <param name="loop">The device.</param>
        public RestartPlan(DeviceLoop loop)
        {
            _loop = loop;
        }

        /// <summary>To be called behind each tick of the loop. True when the device has said goodbye and the board is to restart.</summary>
        public bool Tick(long nowMs)
        {
            if (!_isAsked && nowMs >= DueMs && (_loop.IsQuiet || nowMs >= LatestMs))
            {
                _isAsked = true;
                _loop.RequestStop();
            }

            return _isAsked && _loop.IsStopped;
        }
    }
}
