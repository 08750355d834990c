using System.Collections;
using System.Globalization;
using System.Reflection;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>All settings as text, each by its key.</summary>
internal static class SettingValues
{
    /// <param name="options">The settings, or a section of them.</param>
    /// <returns>By <c>Section:Key</c>. What has no value is not there.</returns>
    public static Dictionary<string, string> Of(object options)
    {
        Dictionary<string, string> all = new(StringComparer.Ordinal);
        Add("", options, all);
        return all;
    }

    private static void Add(string key, object? value, Dictionary<string, string> all)
    {
        switch (value)
        {
            case null:
                break;
            case bool isSet:
                all[key] = isSet ? "true" : "false"; // as it is written
                break;
            case string or Enum or IFormattable:
                all[key] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                break;
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                    Add($"{key}:{entry.Key}", entry.Value, all);
                break;
            case IEnumerable list:
                int i = 0;
                foreach (object? item in list)
                    Add($"{key}:{i++}", item, all);
                break;
            default:
                foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanWrite && p.GetIndexParameters().Length == 0))
                    Add(key.Length == 0 ? property.Name : $"{key}:{property.Name}", property.GetValue(value), all);
                break;
        }
    }
}
