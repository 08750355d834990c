using System;
using System.Threading;
using nanoFramework.Networking;
using nanoFramework.Runtime.Native;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>Wall time from a time server. A chip that was just switched on believes it is 1970.</summary>
    internal sealed class BoardClock : ISettableClock
    {
        // 2025-01-01: before this firmware was written, so nobody can have set it.
        private const long FirstUnixMs = 1_735_689_600_000;
        private const int StepMs = 250;

        private readonly string _server;
        private bool _isAsked;

        /// <param name="server">Host name of the time server; empty for none.</param>
        internal BoardClock(string server)
        {
            _server = server;
        }

        /// <inheritdoc/>
        public bool TryGetUnixMs(out long unixMs)
        {
            unixMs = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
            return unixMs >= FirstUnixMs;
        }

        /// <inheritdoc/>
        public bool TrySet(long unixMs)
        {
            return Rtc.SetSystemTime(new DateTime(DateTime.UnixEpoch.Ticks + (unixMs * TimeSpan.TicksPerMillisecond)));
        }

        /// <summary>
        /// Asks the time server of the settings, now that there is a network, and then by itself each hour. The runtime has begun to ask another one as soon as there
        /// was an address, so it is stopped first. To be called at each attempt: the runtime may begin with its own behind this, and it keeps where the
        /// name lies, not the name, which the heap may have moved since.
        /// </summary>
        internal void Start()
        {
            if (_server.Length == 0)
            {
                Sntp.Stop();
                return;
            }

            // Once it answers it is not asked anew at each attempt.
            bool isKept = _isAsked && Sntp.IsStarted && TryGetUnixMs(out _);
            if (!isKept)
            {
                Sntp.Stop();
            }

            Sntp.Server1 = _server;
            _isAsked = true;
            if (!isKept)
            {
                Sntp.Start();
            }
        }

        /// <summary>Waits for the time. Blocks. False if it did not come.</summary>
        internal bool Wait(int timeoutMs)
        {
            for (int waitedMs = 0; waitedMs < timeoutMs; waitedMs += StepMs)
            {
                if (TryGetUnixMs(out _))
                {
                    return true;
                }

                Thread.Sleep(StepMs);
            }

            return TryGetUnixMs(out _);
        }
    }
}
