namespace DeviceMqtt.Device
{
    /// <summary>Knows what the parts of a board can be told.</summary>
    public interface ISettingsTrial
    {
        /// <summary>The name of the first setting that the board could not start with; empty if there is none.</summary>
        string Fault(ISettings settings);
    }
}
