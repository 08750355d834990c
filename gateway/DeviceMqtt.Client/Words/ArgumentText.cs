using System.Globalization;
using System.Text;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Client.Words;

/// <summary>An argument of a command as a person or another program writes it.</summary>
public static class ArgumentText
{
    /// <summary>The value that the device's birth asks for: bool, long, double or string.</summary>
    /// <param name="argument">What the birth says of the argument.</param>
    /// <param name="text">Booleans are <c>true</c>, <c>on</c>, <c>1</c> and their opposites in any case; numbers have a point, and a whole one may be <c>21.0</c>.</param>
    /// <returns>Null when it is no value that the argument can have.</returns>
    public static object? Read(CommandArgument argument, string text)
    {
        switch (argument.Kind)
        {
            case CommandArgumentKind.Boolean:
                return text.ToUpperInvariant() switch { "TRUE" or "ON" or "1" => true, "FALSE" or "OFF" or "0" => false, _ => null };
            case CommandArgumentKind.Whole:
                return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal whole)
                    && decimal.IsInteger(whole) && whole is >= long.MinValue and <= long.MaxValue && IsInRange(argument, (double)whole) ? (long)whole : null;
            case CommandArgumentKind.Number:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) && IsInRange(argument, number) ? number : null;
            case CommandArgumentKind.Choice:
                return Enumerable.Range(0, argument.ChoiceCount).Any(i => argument.ChoiceAt(i) == text) ? text : null;
            default:
                return IsInRange(argument, Encoding.UTF8.GetByteCount(text)) ? text : null;
        }
    }

    private static bool IsInRange(CommandArgument argument, double value) => !argument.HasRange || (value >= argument.Min && value <= argument.Max);
}
