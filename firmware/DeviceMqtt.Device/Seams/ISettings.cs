namespace DeviceMqtt.Device
{
    /// <summary>What a board was told when it was provisioned, by name; see <see cref="SettingName"/>.</summary>
    public interface ISettings
    {
        /// <summary>The value of a setting, or null if it was not given.</summary>
        string? Read(string name);
    }
}
