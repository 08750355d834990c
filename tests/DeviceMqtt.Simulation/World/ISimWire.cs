namespace DeviceMqtt.Simulation.World;

/// <summary>One end of a network connection, as the one who connected has it.</summary>
internal interface ISimWire
{
    void Send(byte[] bytes);

    /// <summary>The end is gone, or off the network.</summary>
    /// <param name="noticedMs">After which the other side learns it, unless its own Keep Alive tells it before.</param>
    void Cut(long noticedMs);
}
