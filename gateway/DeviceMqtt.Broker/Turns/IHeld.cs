namespace DeviceMqtt.Broker.Turns;

/// <summary>Holds bytes that promise something back until the disk has what they promise.</summary>
internal interface IHeld
{
    /// <summary>The disk has everything up to this position: what waited for that leaves at the end of the turn.</summary>
    /// <returns>True when nothing is held any more.</returns>
    bool Release(long durable);
}
