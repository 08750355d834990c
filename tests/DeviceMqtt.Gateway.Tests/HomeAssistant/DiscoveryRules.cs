using System.Text.Json;
using System.Text.RegularExpressions;

namespace DeviceMqtt.Gateway.Tests.HomeAssistant;

/// <summary>What Home Assistant checks of a document of its MQTT device discovery before it takes it, written down as facts.</summary>
internal static partial class DiscoveryRules
{
    private static readonly Dictionary<string, string[]> Required = new()
    {
        ["sensor"] = ["state_topic"],
        ["binary_sensor"] = ["state_topic"],
        ["switch"] = ["command_topic"],
        ["button"] = ["command_topic"],
        ["number"] = ["command_topic"],
        ["select"] = ["command_topic", "options"],
        ["text"] = ["command_topic"],
        ["event"] = ["state_topic", "event_types"],
    };

    private static readonly Dictionary<string, string[]> UnitsByClass = new()
    {
        ["temperature"] = ["°C", "°F", "K"],
        ["humidity"] = ["%"],
        ["battery"] = ["%"],
        ["pressure"] = ["Pa", "hPa", "kPa", "mbar", "bar", "psi"],
        ["voltage"] = ["V", "mV", "μV", "kV"],
        ["current"] = ["A", "mA"],
        ["power"] = ["W", "kW", "MW", "mW"],
        ["apparent_power"] = ["VA"],
        ["energy"] = ["J", "kJ", "MJ", "Wh", "kWh", "MWh"],
        ["illuminance"] = ["lx"],
        ["signal_strength"] = ["dB", "dBm"],
        ["frequency"] = ["Hz", "kHz", "MHz", "GHz"],
        ["distance"] = ["mm", "cm", "m", "km"],
        ["weight"] = ["mg", "g", "kg"],
        ["duration"] = ["ms", "s", "min", "h", "d"],
        ["speed"] = ["m/s", "km/h", "mm/d"],
        ["irradiance"] = ["W/m²"],
        ["volume"] = ["L", "mL", "m³"],
        ["volume_flow_rate"] = ["L/s", "L/min", "m³/h"],
        ["data_size"] = ["B", "kB", "KiB", "MiB"],
        ["ph"] = [""],
    };

    private static readonly Dictionary<string, string[]> OtherClasses = new()
    {
        ["binary_sensor"] = ["problem"],
        ["button"] = ["identify", "restart", "update"],
        ["event"] = ["button", "doorbell", "motion"],
    };

    /// <summary>What Home Assistant would refuse, or warn of, one sentence each.</summary>
    public static IReadOnlyList<string> Broken(ReadOnlySpan<byte> json)
    {
        List<string> broken = [];
        Utf8JsonReader reader = new(json);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement root = document.RootElement;
        Check(root.GetProperty("device").GetProperty("identifiers").GetArrayLength() > 0, "device needs identifiers or connections");
        Check(Text(root.GetProperty("device"), "name").Length > 0, "device needs a name");
        Check(Text(root.GetProperty("origin"), "name").Length > 0, "origin needs a name");
        foreach (JsonElement availability in root.GetProperty("availability").EnumerateArray())
            CheckTopic(availability, "topic", isPublished: false);
        HashSet<string> ids = [];
        foreach (JsonProperty component in root.GetProperty("components").EnumerateObject())
        {
            string platform = Text(component.Value, "platform");
            Check(Required.ContainsKey(platform), $"{component.Name}: no platform '{platform}'");
            if (component.Value.EnumerateObject().Count() == 1)
                continue; // with its platform alone it is to go
            Check(ids.Add(Text(component.Value, "unique_id")) && Text(component.Value, "unique_id").Length > 0, $"{component.Name}: unique_id is missing or taken");
            foreach (string member in Required.GetValueOrDefault(platform, []))
                Check(component.Value.TryGetProperty(member, out _), $"{component.Name}: {member} is missing");
            CheckTopic(component.Value, "state_topic", isPublished: false);
            CheckTopic(component.Value, "command_topic", isPublished: true);
            CheckTemplate(component.Value);
            CheckClass(component.Name, platform, component.Value);
            CheckRange(component.Name, platform, component.Value);
            string category = Text(component.Value, "entity_category");
            Check(category is "" or "diagnostic" || (category == "config" && platform is not ("sensor" or "binary_sensor")), $"{component.Name}: category '{category}'");
        }

        return broken;

        void Check(bool isRight, string what)
        {
            if (!isRight)
                broken.Add(what);
        }

        void CheckTopic(JsonElement at, string member, bool isPublished)
        {
            string topic = Text(at, member);
            Check(!topic.Contains('\0', StringComparison.Ordinal) && topic.Length < 65_535 && (!isPublished || topic.AsSpan().IndexOfAny('+', '#') < 0), $"{member} '{topic}'");
            Check(topic.AsSpan().IndexOfAny('+', '#') < 0, $"{member} '{topic}' is a filter, which would mix devices");
        }

        void CheckTemplate(JsonElement component)
        {
            string template = Text(component, "value_template");
            Check(template.Length == 0 || Template().IsMatch(template), $"template {template}");
        }

        void CheckClass(string name, string platform, JsonElement component)
        {
            string deviceClass = Text(component, "device_class"), unit = Text(component, "unit_of_measurement"), state = Text(component, "state_class");
            if (platform == "sensor")
            {
                Check(deviceClass.Length == 0 || (UnitsByClass.TryGetValue(deviceClass, out string[]? units) && units.Contains(unit)), $"{name}: class {deviceClass} with unit '{unit}'");
                Check(deviceClass is "energy" or "volume" ? state is "total" or "total_increasing" : state is "measurement" or "total" or "total_increasing", $"{name}: state class {state} of {deviceClass}");
                Check(deviceClass.Length > 0 || Text(component, "name").Length > 0, $"{name}: neither class nor name");
            }
            else
            {
                Check(deviceClass.Length == 0 || OtherClasses.GetValueOrDefault(platform, []).Contains(deviceClass), $"{name}: class {deviceClass} of {platform}");
            }
        }

        void CheckRange(string name, string platform, JsonElement component)
        {
            if (platform == "number")
                Check(component.GetProperty("min").GetDouble() < component.GetProperty("max").GetDouble() && component.GetProperty("step").GetDouble() >= 0.001, $"{name}: range");
            if (platform == "text")
                Check(component.GetProperty("min").GetInt32() >= 0 && component.GetProperty("min").GetInt32() <= component.GetProperty("max").GetInt32() && component.GetProperty("max").GetInt32() <= 255, $"{name}: length");
            if (platform is "select")
                Check(component.GetProperty("options").GetArrayLength() > 0, $"{name}: options");
            if (platform is "event")
                Check(component.GetProperty("event_types").GetArrayLength() > 0, $"{name}: event types");
        }
    }

    private static string Text(JsonElement at, string member) => at.TryGetProperty(member, out JsonElement value) ? value.GetString() ?? "" : "";

    // The templates that there are: a name in quotes is all that a device can bring in.
    [GeneratedRegex("""^(\{\{ value_json\['[\w.-]+'\] \| default\(''\) \}\}|\{\{ value_json\.get\('[\w.-]+'\) \}\}|\{% set v = value_json\.get\('[\w.-]+'\) %\}\{\{ 'None' if v is none else 'ON' if v else 'OFF' \}\}|\{\{ dict\(value_json, event_type='told'\) \| to_json \}\}|\{\{ 'ON' if value_json\.failed else 'OFF' \}\})$""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Template();
}
