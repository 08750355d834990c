using System;
using System.Threading;
using nanoFramework.Runtime.Native;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// Restarts the board when the device loop has stopped: a thread of its own looks every second. It runs on the same runtime as the loop,
    /// so a call into the chip that never returns stops it as well; against that only a watchdog of hardware helps (<see cref="PinWatchdog"/>).
    /// </summary>
    internal sealed class LoopGuard : IWatchdog
    {
        /// <summary>
        /// How long the loop may be silent, in milliseconds. Chosen to be well above its longest pause: eight parts on buses that hang, a second
        /// each.
        /// </summary>
        internal const int SilenceMaxMs = 30_000;

        private const int LookMs = 1_000;

        private readonly BootRecord _record;
        private long _fedMs;

        internal LoopGuard(BootRecord record)
        {
            _record = record;
            _fedMs = Environment.TickCount64;
        }

        /// <inheritdoc/>
        public void Feed()
        {
            _fedMs = Environment.TickCount64;
        }

        /// <summary>Begins to look.</summary>
        internal void Start()
        {
            new Thread(Run).Start();
        }

        /// <summary>Looks once. True if the board was restarted.</summary>
        internal bool Look(long nowMs)
        {
            if (nowMs - _fedMs <= SilenceMaxMs)
            {
                return false;
            }

            _record.MarkRestart(BootRecord.Watchdog);
            Power.RebootDevice(RebootOption.NormalReboot);
            return true;
        }

        private void Run()
        {
            while (!Look(Environment.TickCount64))
            {
                Thread.Sleep(LookMs);
            }
        }
    }
}
