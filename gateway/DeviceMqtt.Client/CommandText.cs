using System.Text;
using System.Text.Json;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Client;

/// <summary>Writes a command.</summary>
internal static class CommandText
{
    /// <exception cref="ArgumentException">The command does not fit, or an argument is of a kind that a command cannot have.</exception>
    public static byte[] Of(string id, string command, IReadOnlyDictionary<string, object?>? arguments, string from, TimeSpan timeToLive)
    {
        if (command.Length == 0 || Encoding.UTF8.GetByteCount(command) > WireLimits.CommandNameCharsMax)
            throw new ArgumentException($"the name of a command has 1 to {WireLimits.CommandNameCharsMax} bytes", nameof(command));
        FlatJsonWriter writer = new(WireLimits.CommandBytesMax);
        writer.Begin();
        writer.Add(CommandField.Id, id);
        writer.Add(CommandField.Command, command);
        if (arguments is { Count: > 0 })
        {
            byte[] json = ArgumentsOf(arguments);
            writer.AddJson(CommandField.Arguments, json, 0, json.Length);
        }

        writer.Add(CommandField.From, from);
        writer.Add(CommandField.TimeToLive, (long)Math.Ceiling(timeToLive.TotalSeconds));
        return writer.End() ? writer.ToArray() : throw new ArgumentException($"a command has at most {WireLimits.CommandBytesMax} bytes", nameof(arguments));
    }

    private static byte[] ArgumentsOf(IReadOnlyDictionary<string, object?> arguments)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            foreach ((string name, object? value) in arguments)
            {
                json.WritePropertyName(name);
                Write(json, name, value);
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool isSo: json.WriteBooleanValue(isSo); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case string text: json.WriteStringValue(text); break;
            case JsonElement { ValueKind: not (JsonValueKind.Object or JsonValueKind.Array) } element: Write(json, name, element); break;
            default: throw new ArgumentException($"the argument '{name}' is a {value.GetType().Name}; it must be a bool, an int, a long, a double, a string or null", nameof(value));
        }
    }

    // A text that was read from JSON may have one half of a character, which none can be written with.
    private static void Write(Utf8JsonWriter json, string name, JsonElement element)
    {
        try
        {
            element.WriteTo(json);
        }
        catch (InvalidOperationException exception)
        {
            throw new ArgumentException($"the argument '{name}' is no text: {exception.Message}", nameof(element), exception);
        }
    }
}
