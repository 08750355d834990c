namespace DeviceMqtt.Device
{
    /// <summary>Keeps settings that were changed by command, for the boots to come.</summary>
    public interface ISettingStore
    {
        /// <summary>Keeps a value in place of the one before; an empty one takes the change back. False if the flash fails or is full.</summary>
        bool TryStore(string name, string value);
    }
}
