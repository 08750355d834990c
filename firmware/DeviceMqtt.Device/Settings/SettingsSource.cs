namespace DeviceMqtt.Device
{
    /// <summary>Where a board's settings came from.</summary>
    public enum SettingsSource
    {
        /// <summary>There are none that could be used: the board stays in its safe state.</summary>
        None = 0,

        /// <summary>The file that was provisioned.</summary>
        Given = 1,

        /// <summary>The last ones a session began with, because the file is missing or wrong.</summary>
        LastGood = 2,
    }
}
