namespace DeviceMqtt.Client.Words;

/// <summary>The presence of a client has changed, or is told for the first time.</summary>
/// <param name="presence">What it is now.</param>
public sealed class PresenceEventArgs(DevicePresence presence) : EventArgs
{
    /// <summary>What it is now.</summary>
    public DevicePresence Presence => presence;
}
