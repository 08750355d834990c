namespace DeviceMqtt.Device.Esp32
{
    /// <summary>What the lamp of a board says.</summary>
    internal enum LampSignal
    {
        /// <summary>Connected: on.</summary>
        Connected,

        /// <summary>Not connected: half a second on, half a second off.</summary>
        Connecting,

        /// <summary>Runs on the last settings that worked, because the file is wrong: two short flashes, every two seconds.</summary>
        LastGoodSettings,

        /// <summary>No settings: three short flashes, every two seconds. The board does nothing else.</summary>
        NoSettings,
    }
}
