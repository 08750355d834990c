using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>What a board knows of itself: signal strength and free memory, both made up.</summary>
internal sealed class SimulatedHealth(int seed) : ISensor
{
    private readonly Random _random = new(seed);

    public string Name => "health-sim";

    public Metric[] Metrics { get; } = [new("rssi", "dBm", 0), new("heap", "B", 0)];

    public SensorError Setup() => SensorError.None;

    public SensorError Read(double[] values)
    {
        values[0] = -60 - _random.Next(15);
        values[1] = 90_000 - _random.Next(8_000);
        return SensorError.None;
    }
}
