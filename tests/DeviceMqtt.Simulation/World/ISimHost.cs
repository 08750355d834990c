namespace DeviceMqtt.Simulation.World;

/// <summary>A machine that a gateway can connect to.</summary>
internal interface ISimHost
{
    /// <summary>False where a try to connect gets no answer at all.</summary>
    bool IsReachable { get; }

    /// <returns>Null when nobody listens there.</returns>
    ISimWire? Dial(Action<byte[]> received, Action closed);
}
