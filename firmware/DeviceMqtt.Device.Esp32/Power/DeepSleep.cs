using System;
using nanoFramework.Hardware.Esp32;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>The chip's deep sleep: everything but its clock is off, memory is lost, and it boots when it wakes up.</summary>
    internal static class DeepSleep
    {
        /// <summary>True if this boot is a waking up.</summary>
        internal static bool WasAsleep()
        {
            return Sleep.GetWakeupCause() == Sleep.WakeupCause.Timer;
        }

        /// <summary>Sleeps. Does not return on a board, unless the chip refuses.</summary>
        internal static void Begin(int seconds)
        {
            if (Sleep.EnableWakeupByTimer(new TimeSpan(seconds * TimeSpan.TicksPerSecond)) == EspNativeError.OK)
            {
                Sleep.StartDeepSleep();
            }
        }
    }
}
