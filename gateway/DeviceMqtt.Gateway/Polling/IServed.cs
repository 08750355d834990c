namespace DeviceMqtt.Gateway.Polling;

/// <summary>A connection that was served, and is to be closed.</summary>
internal interface IServed
{
    /// <summary>Tells whoever serves the connections that it has ended. By the poller.</summary>
    /// <param name="fault">What it failed with; null for nothing.</param>
    void TellServed(Exception? fault);
}
