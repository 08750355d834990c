namespace DeviceMqtt.HomeAssistant;

/// <summary>What a reading with a unit is to Home Assistant.</summary>
/// <param name="Unit">As Home Assistant writes the unit; empty for none.</param>
/// <param name="DeviceClass">Its class of sensors with that unit; empty where several would fit, or none.</param>
/// <param name="IsTotal">It only grows: energy, volume that has flowed.</param>
internal sealed record UnitClass(string Unit, string DeviceClass = "", bool IsTotal = false)
{
    // SenML units (RFC 8428 section 12.1 and RFC 8798) with the units and classes of Home Assistant's sensors (its developer documentation,
    // "Sensor entity", table of device classes). What is not here goes as it is, without a class, which is always allowed.
    private static readonly Dictionary<string, UnitClass> BySenMl = new(StringComparer.Ordinal)
    {
        ["Cel"] = new("°C", "temperature"),
        ["K"] = new("K", "temperature"),
        ["%RH"] = new("%", "humidity"),
        ["%EL"] = new("%", "battery"),
        ["Pa"] = new("Pa", "pressure"),
        ["hPa"] = new("hPa", "pressure"),
        ["V"] = new("V", "voltage"),
        ["mV"] = new("mV", "voltage"),
        ["A"] = new("A", "current"),
        ["mA"] = new("mA", "current"),
        ["W"] = new("W", "power"),
        ["kW"] = new("kW", "power"),
        ["VA"] = new("VA", "apparent_power"),
        ["J"] = new("J", "energy", IsTotal: true),
        ["Wh"] = new("Wh", "energy", IsTotal: true),
        ["kWh"] = new("kWh", "energy", IsTotal: true),
        ["lx"] = new("lx", "illuminance"),
        ["dBW"] = new("dBW"),
        ["dBm"] = new("dBm", "signal_strength"),
        ["Hz"] = new("Hz", "frequency"),
        ["m"] = new("m", "distance"),
        ["mm"] = new("mm", "distance"),
        ["km"] = new("km", "distance"),
        ["kg"] = new("kg", "weight"),
        ["g"] = new("g", "weight"),
        ["s"] = new("s", "duration"),
        ["ms"] = new("ms", "duration"),
        ["min"] = new("min", "duration"),
        ["h"] = new("h", "duration"),
        ["m/s"] = new("m/s", "speed"),
        ["km/h"] = new("km/h", "speed"),
        ["W/m2"] = new("W/m²", "irradiance"),
        ["l"] = new("L", "volume", IsTotal: true),
        ["m3"] = new("m³", "volume", IsTotal: true),
        ["l/s"] = new("L/s", "volume_flow_rate"),
        ["B"] = new("B", "data_size"),
        ["KiB"] = new("KiB", "data_size"),
        ["pH"] = new("", "ph"),
        ["deg"] = new("°"),
        ["/"] = new(""),
        ["count"] = new(""),
    };

    /// <summary>By the unit code of a birth.</summary>
    public static UnitClass Of(string senMl) => BySenMl.GetValueOrDefault(senMl) ?? new UnitClass(senMl);
}
