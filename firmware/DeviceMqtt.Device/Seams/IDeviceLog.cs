namespace DeviceMqtt.Device
{
    /// <summary>
    /// Hears what the device does: a serial line on a board, a console or a test on a PC. Called on the device loop; must not throw. Nothing is
    /// formatted before it is asked for, so a silent log costs no memory.
    /// </summary>
    public interface IDeviceLog
    {
        /// <summary>Something happened.</summary>
        /// <param name="note">What.</param>
        /// <param name="subject">To which: a stream, sensor, command or topic; see <see cref="DeviceNote"/>.</param>
        /// <param name="number">A number that belongs to it; see <see cref="DeviceNote"/>.</param>
        void Write(DeviceNote note, string subject, long number);
    }
}
