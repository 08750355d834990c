namespace DeviceMqtt.Device.Esp32
{
    internal static class FirmwareVersion
    {
        /// <summary>The version in Directory.Build.props; a test compares them.</summary>
        internal const string Text = "0.1.0";
    }
}
