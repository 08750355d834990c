namespace DeviceMqtt.Device
{
    /// <summary>Knows what the parts of a board can be told.</summary>
    public interface ISettingsTrial
    {
        /// <summary>True if the board has a part that the setting is for, so that somebody reads it.</summary>
        bool Knows(string name);

        /// <summary>The name of the first setting that the board could not start with; empty if there is none.</summary>
        string Fault(ISettings settings);
    }
}
