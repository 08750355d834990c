namespace DeviceMqtt.Device
{
    /// <summary>Restarts the board when nobody feeds it. Fed by the thread of the device loop, and by nobody else.</summary>
    public interface IWatchdog
    {
        /// <summary>The loop is alive.</summary>
        void Feed();
    }
}
