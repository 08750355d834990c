namespace DeviceMqtt.Device
{
    /// <summary>
    /// When a battery board goes to sleep: as soon as everything was measured, sent and acknowledged and nobody had a command for it for a
    /// while (what it does for one counts: a pulse), or when it has been awake for too long. It announces how long it will be away, says goodbye, and then sleeps.
    /// </summary>
    public sealed class SleepPlan
    {
        /// <summary>How long it listens for commands that waited for it, in milliseconds, once it has nothing left to say; and again behind each command.</summary>
        public const int ListenMs = 2_000;

        /// <summary>How long it stays awake at most, in milliseconds: when the gateway does not answer, or commands keep coming.</summary>
        public const int AwakeMaxMs = 45_000;

        private readonly DeviceLoop _loop;
        private long _settledMs;
        private bool _hasSettled;
        private bool _isAsked;

        /// <param name="loop">The device.</param>
        /// <param name="sleepSeconds">How long it sleeps.</param>
        public SleepPlan(DeviceLoop loop, int sleepSeconds)
        {
            _loop = loop;
            SleepSeconds = sleepSeconds;
        }

        /// <summary>How long it sleeps.</summary>
        public int SleepSeconds { get; }

        /// <summary>To be called behind each tick of the loop. True when the time to sleep has come.</summary>
        public bool Tick(long nowMs)
        {
            if (_hasSettled ? _loop.IsObeying : _loop.IsSettled)
            {
                _hasSettled = true;
                _settledMs = nowMs;
            }

            bool isDone = _hasSettled && nowMs - _settledMs >= ListenMs && _loop.IsQuiet;
            if (!_isAsked && (isDone || nowMs >= AwakeMaxMs))
            {
                _isAsked = true;
                _loop.RequestSleep(SleepSeconds);
            }

            return _loop.IsStopped;
        }
    }
}
