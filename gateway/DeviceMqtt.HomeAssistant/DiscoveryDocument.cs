using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using DeviceMqtt.Wire;

namespace DeviceMqtt.HomeAssistant;

/// <summary>
/// What Home Assistant is told of a device: the document of its MQTT device discovery, made from the device's birth. Required there: <c>device</c>
/// with identifiers, <c>origin</c> with a name, <c>components</c>, each with <c>platform</c> and <c>unique_id</c>.
/// </summary>
internal sealed class DiscoveryDocument : IDisposable
{
    /// <summary>The origin's name begins with it, and no document without it is ever removed.</summary>
    public const string Origin = "DeviceMqtt at ";

    private const int ComponentsMax = 64; // chosen: a board has about ten; a birth of strangers may name 300
    private const string Diagnostic = "diagnostic";
    private const string HealthStream = "health"; // of the firmware: signal, battery, memory

    // In the page of Home Assistant they are what they say; nothing here becomes HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;
    private readonly DiscoveryTopics _topics;
    private readonly BirthReader _birth;
    private readonly string _device;
    private readonly string _objectId;
    private readonly List<Control> _controls = [];
    private readonly HashSet<string> _stateEvents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _components = new(StringComparer.Ordinal); // with the platform of each

    private DiscoveryDocument(BirthReader birth, string device, DiscoveryTopics topics)
    {
        _birth = birth;
        _device = device;
        _topics = topics;
        _objectId = topics.ObjectId(device);
        _json = new Utf8JsonWriter(_buffer, Options);
    }

    /// <summary>The document, and what it lets Home Assistant do.</summary>
    /// <param name="birth">What the device says of itself; hostile.</param>
    /// <param name="device">What its topics call it.</param>
    /// <param name="topics">Where everything is.</param>
    /// <param name="gateway">The name of this gateway.</param>
    public static Announcement Write(BirthReader birth, string device, DiscoveryTopics topics, string gateway)
    {
        using DiscoveryDocument document = new(birth, device, topics);
        document.Write(gateway);
        return new Announcement(document._buffer.WrittenSpan.ToArray(), document._controls, document._stateEvents, document._components);
    }

    public void Dispose() => _json.Dispose();

    private void Write(string gateway)
    {
        _json.WriteStartObject();
        _json.WriteStartObject("device");
        _json.WriteStartArray("identifiers");
        _json.WriteStringValue(_objectId);
        _json.WriteEndArray();
        _json.WriteString("name", _device);
        WriteUnlessEmpty("model", _birth.Board);
        WriteUnlessEmpty("sw_version", _birth.Firmware);
        _json.WriteEndObject();
        _json.WriteStartObject("origin");
        _json.WriteString("name", Origin + gateway);
        _json.WriteEndObject();
        WriteAvailability();
        _json.WriteNumber("qos", 1);
        _json.WriteStartObject("components");
        WriteComponents();
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
    }

    // A board that sleeps is as it was; one that is overdue, or gone, is not there.
    private void WriteAvailability()
    {
        _json.WriteStartArray("availability");
        _json.WriteStartObject();
        _json.WriteString("topic", PresenceTopic.BuildGateway(_birth.ClientId));
        _json.WriteString("value_template", "{{ 'online' if value_json.online or value_json.reason == 'asleep' else 'offline' }}");
        _json.WriteEndObject();
        _json.WriteEndArray();
    }

    private void WriteComponents()
    {
        for (int i = 0; i < _birth.CommandCount; i++)
            foreach (Control control in Control.Of(_birth.CommandAt(i)))
                WriteControl(control);
        for (int i = 0; i < _birth.StreamCount; i++)
            for (int m = 0; m < _birth.StreamAt(i).MetricCount; m++)
                WriteSensor(_birth.StreamAt(i), m);
        for (int i = 0; i < _birth.EventCount; i++)
            if (!_stateEvents.Contains(_birth.EventAt(i))) // a control shows those already
                WriteEvent(_birth.EventAt(i));
        if (!Begin("binary_sensor", "problem"))
            return;
        _json.WriteString("device_class", "problem");
        _json.WriteString("entity_category", Diagnostic);
        _json.WriteString("state_topic", DeviceTopic.BuildInfo(_topics.DevicePrefix, _device));
        _json.WriteString("value_template", "{{ 'ON' if value_json.failed else 'OFF' }}");
        _json.WriteEndObject();
    }

    private void WriteSensor(BirthStream stream, int metric)
    {
        string name = stream.MetricAt(metric);
        UnitClass unit = UnitClass.Of(stream.UnitAt(metric));
        if (!IsWord(name) || !DeviceTopic.IsName(stream.Name) || !Begin("sensor", $"{stream.Name}_{name}"))
            return;
        // Without a name Home Assistant calls it by its class, in the language of its reader.
        if (unit.DeviceClass.Length == 0 || HasTwo(unit.DeviceClass))
            _json.WriteString("name", $"{stream.Name} {name}");
        WriteUnlessEmpty("device_class", unit.DeviceClass);
        WriteUnlessEmpty("unit_of_measurement", unit.Unit);
        _json.WriteString("state_class", unit.IsTotal ? "total_increasing" : "measurement");
        if (stream.Name == HealthStream)
            _json.WriteString("entity_category", Diagnostic);
        _json.WriteString("state_topic", DeviceTopic.BuildTelemetry(_topics.DevicePrefix, _device, stream.Name));
        _json.WriteString("value_template", $"{{{{ value_json['{name}'] | default('') }}}}"); // a reading that is not in this message stays as it was
        _json.WriteEndObject();
    }

    private void WriteEvent(string name)
    {
        if (!DeviceTopic.IsName(name) || !Begin("event", $"evt_{name}"))
            return;
        _json.WriteString("name", name);
        if (name == "button")
            _json.WriteString("device_class", "button");
        _json.WriteStartArray("event_types");
        _json.WriteStringValue("told");
        _json.WriteEndArray();
        _json.WriteString("state_topic", DeviceTopic.BuildEvent(_topics.DevicePrefix, _device, name));
        _json.WriteString("value_template", "{{ dict(value_json, event_type='told') | to_json }}");
        _json.WriteEndObject();
    }

    private void WriteControl(Control control)
    {
        string platform = control.Argument switch
        {
            null => "button",
            { Kind: CommandArgumentKind.Boolean } => "switch",
            { Kind: CommandArgumentKind.Choice } => "select",
            { Kind: CommandArgumentKind.Text } => "text",
            _ => "number",
        };
        if (!Begin(platform, $"cmd_{control.Topic.Replace('/', '_')}"))
            return;
        _controls.Add(control);
        _json.WriteString("name", NameOf(control));
        _json.WriteString("command_topic", _topics.Command(_device, control.Topic));
        if (control.Class == CommandClass.Configure)
            _json.WriteString("entity_category", "config");
        if (control.Argument is null)
        {
            if (control.Command == "reboot")
                _json.WriteString("device_class", "restart");
            _json.WriteString("payload_press", "press");
        }
        else
        {
            WriteArgument(control.Argument);
        }

        if (control is { Argument: { } argument, Fixed: null })
            WriteState(argument);
        _json.WriteEndObject();
    }

    private void WriteArgument(CommandArgument argument)
    {
        switch (argument.Kind)
        {
            case CommandArgumentKind.Whole or CommandArgumentKind.Number:
                // Home Assistant's own bounds without these are 1 and 100.
                _json.WriteNumber("min", argument.HasRange ? argument.Min : -1_000_000);
                _json.WriteNumber("max", argument.HasRange ? argument.Max : 1_000_000);
                _json.WriteNumber("step", argument.Kind == CommandArgumentKind.Whole ? 1m : 0.01m);
                _json.WriteString("mode", "box");
                WriteUnlessEmpty("unit_of_measurement", UnitClass.Of(argument.Unit).Unit);
                break;
            case CommandArgumentKind.Choice:
                _json.WriteStartArray("options");
                for (int i = 0; i < argument.ChoiceCount; i++)
                    _json.WriteStringValue(argument.ChoiceAt(i));
                _json.WriteEndArray();
                break;
            case CommandArgumentKind.Text:
                const int TextMax = 255; // Home Assistant's own bound
                _json.WriteNumber("min", argument.HasRange ? Math.Clamp((int)argument.Min, 0, TextMax) : 0);
                _json.WriteNumber("max", argument.HasRange ? Math.Clamp((int)argument.Max, 1, TextMax) : TextMax);
                break;
        }
    }

    // "stream.member": a reading, or an event, whose last one is kept for Home Assistant. Without it Home Assistant takes for so what it asked for.
    private void WriteState(CommandArgument argument)
    {
        int dot = argument.State.LastIndexOf('.');
        if (dot <= 0 || !IsWord(argument.State[(dot + 1)..]))
            return;
        (string source, string member) = (argument.State[..dot], argument.State[(dot + 1)..]);
        bool isEvent = !Enumerable.Range(0, _birth.StreamCount).Any(i => _birth.StreamAt(i).Name == source);
        if (!DeviceTopic.IsName(source))
            return;
        if (isEvent)
            _ = _stateEvents.Add(source);
        _json.WriteString("state_topic", isEvent ? _topics.State(_device, source) : DeviceTopic.BuildTelemetry(_topics.DevicePrefix, _device, source));
        _json.WriteString("value_template", argument.Kind == CommandArgumentKind.Boolean
            ? $"{{% set v = value_json.get('{member}') %}}{{{{ 'None' if v is none else 'ON' if v else 'OFF' }}}}" // None: not known
            : $"{{{{ value_json.get('{member}') }}}}");
    }

    private bool Begin(string platform, string key)
    {
        if (_components.Count >= ComponentsMax || !_components.TryAdd(key, platform)) // what a birth names twice is there once
            return false;
        _json.WriteStartObject(key);
        _json.WriteString("platform", platform);
        _json.WriteString("unique_id", $"{_objectId}_{key}");
        return true;
    }

    // "relay.set" is a relay, "interval.set" with "climate" the interval of climate.
    private static string NameOf(Control control)
    {
        const string Set = ".set";
        string name = control.Argument is not null && control.Command.EndsWith(Set, StringComparison.Ordinal) && control.Command.Length > Set.Length ? control.Command[..^Set.Length] : control.Command;
        return control.Fixed is { } part ? $"{name} {part.Value}" : name;
    }

    private bool HasTwo(string deviceClass)
    {
        int count = 0;
        for (int i = 0; i < _birth.StreamCount; i++)
            for (int m = 0; m < _birth.StreamAt(i).MetricCount; m++)
                count += UnitClass.Of(_birth.StreamAt(i).UnitAt(m)).DeviceClass == deviceClass ? 1 : 0;
        return count > 1;
    }

    // It stands between quotes in a template, which is a program: nothing else gets in there.
    private static bool IsWord(string name) => name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    private void WriteUnlessEmpty(string member, string value)
    {
        if (value.Length > 0)
            _json.WriteString(member, value);
    }
}
