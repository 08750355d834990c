using System.Globalization;
using System.Text.Json;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>What a person writes as the arguments of a command, <c>on=true hold=500</c>, as the values that the device's birth asks for.</summary>
internal static class CommandArguments
{
    /// <param name="form">What the birth says of the command; null when it says nothing.</param>
    /// <param name="words">One <c>name=value</c> each.</param>
    /// <param name="arguments">By name.</param>
    /// <returns>What is wrong, as a sentence; null when nothing is.</returns>
    public static string? Read(CommandForm? form, IReadOnlyList<string> words, out Dictionary<string, object?> arguments)
    {
        arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (string word in words)
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                return $"'{word}' is no argument; it must be NAME=VALUE";
            (string name, string value) = (word[..equals], word[(equals + 1)..]);
            CommandArgument? argument = form is { IsUnderstood: true } ? Find(form, name) : null;
            if (form is { IsUnderstood: true, ArgumentCount: > 0 } && argument is null)
                return $"{form.Name} has no argument '{name}': {Describe(form)}";
            object? read = argument is null ? Guess(value) : Read(argument, value);
            if (read is null && argument is not null)
                return $"{name} cannot be '{value}': {Describe(argument)}";
            if (!arguments.TryAdd(name, read))
                return $"{name} is there twice";
        }

        if (form is not { IsUnderstood: true })
            return null;
        for (int i = 0; i < form.ArgumentCount; i++)
            if (!form.ArgumentAt(i).IsOptional && !arguments.ContainsKey(form.ArgumentAt(i).Name))
                return $"{form.Name} needs {Describe(form.ArgumentAt(i))}";
        return null;
    }

    /// <summary>A command with its arguments, for people.</summary>
    public static string Describe(CommandForm form) =>
        form.ArgumentCount == 0 ? $"{form.Name}{(form.IsUnderstood ? "" : " ...")}" : $"{form.Name} {string.Join(' ', Enumerable.Range(0, form.ArgumentCount).Select(i => Describe(form.ArgumentAt(i))))}";

    private static string Describe(CommandArgument argument)
    {
        string what = argument.Kind switch
        {
            CommandArgumentKind.Boolean => "true|false",
            CommandArgumentKind.Choice => string.Join('|', Enumerable.Range(0, argument.ChoiceCount).Select(argument.ChoiceAt)),
            CommandArgumentKind.Text => argument.HasRange ? string.Create(CultureInfo.InvariantCulture, $"TEXT({argument.Min}..{argument.Max} bytes)") : "TEXT",
            _ => argument.HasRange ? string.Create(CultureInfo.InvariantCulture, $"{argument.Min}..{argument.Max}") : "NUMBER",
        };
        string text = $"{argument.Name}={what}{(argument.Unit.Length > 0 ? $" {argument.Unit}" : "")}";
        return argument.IsOptional ? $"[{text}]" : text;
    }

    private static CommandArgument? Find(CommandForm form, string name)
    {
        for (int i = 0; i < form.ArgumentCount; i++)
            if (form.ArgumentAt(i).Name == name)
                return form.ArgumentAt(i);
        return null;
    }

    // Null when the value is none that the argument can have.
    private static object? Read(CommandArgument argument, string value)
    {
        switch (argument.Kind)
        {
            case CommandArgumentKind.Boolean:
                return value switch { "true" or "on" or "1" => true, "false" or "off" or "0" => false, _ => null };
            case CommandArgumentKind.Whole:
                return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) && IsInRange(argument, whole) ? whole : null;
            case CommandArgumentKind.Number:
                return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) && IsInRange(argument, number) ? number : null;
            case CommandArgumentKind.Choice:
                return Enumerable.Range(0, argument.ChoiceCount).Any(i => argument.ChoiceAt(i) == value) ? value : null;
            default:
                return IsInRange(argument, System.Text.Encoding.UTF8.GetByteCount(value)) ? value : null;
        }
    }

    private static bool IsInRange(CommandArgument argument, double value) => !argument.HasRange || (value >= argument.Min && value <= argument.Max);

    // Of a command that nobody has described: what looks like JSON is it, all else is text.
    private static object? Guess(string value)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(value);
            return json.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? value : json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return value;
        }
    }
}
