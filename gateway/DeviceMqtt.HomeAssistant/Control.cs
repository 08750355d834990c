using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.HomeAssistant;

/// <summary>A switch, number, select, text or button of Home Assistant: one argument of one command that a device knows.</summary>
/// <param name="Command">Name of the command.</param>
/// <param name="Class">What it does to the world.</param>
/// <param name="Argument">The argument that Home Assistant chooses; null for a button.</param>
/// <param name="Fixed">An argument that stands fast for this control, with its value; null for none.</param>
internal sealed record Control(string Command, CommandClass Class, CommandArgument? Argument, (string Name, string Value)? Fixed = null)
{
    /// <summary>What the topic has behind <c>cmd/</c>. Names of commands, arguments and choices have letters, digits, <c>. - _</c> alone.</summary>
    public string Topic => Fixed is { } part ? $"{Command}/{Argument?.Name ?? "press"}/{part.Value}" : $"{Command}/{Argument?.Name ?? "press"}";

    /// <summary>
    /// The controls of a command. None where it asks only, where the birth does not describe it, and where more than one argument is needed, unless
    /// all but one is a choice: then there is one control for each choice.
    /// </summary>
    public static IEnumerable<Control> Of(CommandForm form)
    {
        if (form.Class == CommandClass.Query || !form.IsUnderstood)
            return [];
        CommandArgument[] needed = [.. Enumerable.Range(0, form.ArgumentCount).Select(form.ArgumentAt).Where(static a => !a.IsOptional)];
        return needed switch
        {
            [] => [new Control(form.Name, form.Class, Argument: null)],
            [CommandArgument one] when CanChoose(one) => [new Control(form.Name, form.Class, one)],
            [CommandArgument { Kind: CommandArgumentKind.Choice } choice, CommandArgument other] when CanChoose(other) => ForEach(form, choice, other),
            [CommandArgument other, CommandArgument { Kind: CommandArgumentKind.Choice } choice] when CanChoose(other) => ForEach(form, choice, other),
            _ => [],
        };
    }

    /// <summary>The arguments of the command for what Home Assistant has published; null when that is no value the argument can have.</summary>
    public Dictionary<string, object?>? ArgumentsOf(string payload)
    {
        Dictionary<string, object?> arguments = new(StringComparer.Ordinal);
        if (Fixed is { } part)
            arguments[part.Name] = part.Value;
        if (Argument is null)
            return arguments;
        if (ArgumentText.Read(Argument, payload) is not { } value)
            return null;
        arguments[Argument.Name] = value;
        return arguments;
    }

    private static IEnumerable<Control> ForEach(CommandForm form, CommandArgument choice, CommandArgument other) =>
        Enumerable.Range(0, choice.ChoiceCount).Select(i => new Control(form.Name, form.Class, other, (choice.Name, choice.ChoiceAt(i))));

    // Home Assistant refuses a number whose range is a point.
    private static bool CanChoose(CommandArgument argument) => argument.Kind switch
    {
        CommandArgumentKind.Whole or CommandArgumentKind.Number => !argument.HasRange || argument.Min < argument.Max,
        CommandArgumentKind.Choice => argument.ChoiceCount > 0,
        _ => true,
    };
}
