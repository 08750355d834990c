using System.Collections;
using System.Reflection;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// What the binder lets pass: it leaves a number at its default when its value is empty, and ignores a value that stands
/// where a section belongs. Whoever wrote either meant something.
/// </summary>
internal static class SettingShape
{
    /// <summary>What is wrong with a setting, as a sentence that names it; null when nothing is, or the binder will say it.</summary>
    public static string? Check(string key, string? value)
    {
        if (value is null || Find(key) is not { } type)
            return null;
        Type scalar = Nullable.GetUnderlyingType(type) ?? type;
        bool isSection = scalar.IsClass && scalar != typeof(string);
        if (isSection)
            // Empty is what an empty section or list of a JSON file looks like.
            return value.Length == 0 ? null : $"{key} cannot be '{value}': it is a section, and its settings are {key}:{Example(scalar)}";
        if (value.Length > 0 || scalar == typeof(string))
            return null;
        return $"{key} is empty; it must be {Kind(scalar)}";
    }

    /// <summary>What a setting must be where only certain words can be; null where anything else can be.</summary>
    public static string? Words(string key) =>
        Find(key) is { } type && (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } words ? $"it must be {Kind(words)}" : null;

    // The type that a key leads to; null when it leads nowhere.
    private static Type? Find(string key)
    {
        Type type = typeof(GatewayOptions);
        foreach (string name in key.Split(':'))
        {
            if (IsList(type))
                type = type.GetGenericArguments()[0];
            else if (IsDictionary(type))
                type = type.GetGenericArguments()[1];
            else if (type.GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) is { CanWrite: true } property)
                type = property.PropertyType;
            else
                return null;
        }

        return type;
    }

    private static string Example(Type section) =>
        IsList(section) ? "0 and so on" : IsDictionary(section) ? "NAME" : section.GetProperties().First(p => p.CanWrite).Name + " and so on";

    private static string Kind(Type scalar) =>
        scalar == typeof(bool) ? "true or false" : scalar.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(scalar)) : "a number";

    private static bool IsList(Type type) => type.IsGenericType && typeof(IList).IsAssignableFrom(type);

    private static bool IsDictionary(Type type) => type.IsGenericType && typeof(IDictionary).IsAssignableFrom(type);
}
