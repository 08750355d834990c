using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>A room's temperature and humidity: a seeded walk that is drawn back to 21 °C and 45 %RH.</summary>
internal sealed class SimulatedClimate(int seed) : ISensor
{
    private readonly Random _random = new(seed);
    private double _temperature = 21;
    private double _humidity = 45;

    public string Name => "climate-sim";

    public Metric[] Metrics { get; } = [new("temp", "Cel", 2), new("hum", "%RH", 1)];

    /// <summary>What it answers instead of measuring, until it is None again. Set from any thread.</summary>
    internal SensorError Fault { get; set; }

    public SensorError Setup() => Fault;

    public SensorError Read(double[] values)
    {
        if (Fault != SensorError.None)
        {
            return Fault;
        }

        _temperature += (0.01 * (21 - _temperature)) + (0.1 * (_random.NextDouble() - 0.5));
        _humidity += (0.01 * (45 - _humidity)) + (0.4 * (_random.NextDouble() - 0.5));
        values[0] = _temperature;
        values[1] = _humidity;
        return SensorError.None;
    }
}
