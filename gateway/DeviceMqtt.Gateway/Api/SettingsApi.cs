using System.Collections;
using System.Globalization;
using System.Reflection;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/settings</c>: what is in force, and where it came from. Secrets are hidden.</summary>
internal sealed class SettingsApi(ConsoleSource source)
{
    private const string Hidden = "•••";

    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/settings", List).WithMetadata(Needs.ToSee).WithTags("Settings").WithSummary("The settings in force").Produces<IReadOnlyList<GatewayShapes.Setting>>();

    private Answer<IReadOnlyList<GatewayShapes.Setting>> List()
    {
        Dictionary<string, string> defaults = Flatten(new GatewayOptions());
        List<GatewayShapes.Setting> settings = [];
        foreach ((string key, string value) in Flatten(source.Options).OrderBy(static s => s.Key, StringComparer.Ordinal))
        {
            bool isDefault = defaults.TryGetValue(key, out string? usual) && usual == value;
            string from = source.Options.SetBy.GetValueOrDefault(key.ToUpperInvariant()) ?? (isDefault ? "default" : "set");
            settings.Add(new GatewayShapes.Setting(key, Shown(key, value), from));
        }

        return new Answer<IReadOnlyList<GatewayShapes.Setting>>(settings, ApiJson.Default.Settings);
    }

    private static string Shown(string key, string value)
    {
        if (value.Length > 0 && SettingSecrets.IsOne(key))
            return Hidden;
        int at = value.LastIndexOf('@');
        int scheme = value.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 && at > scheme ? $"{value[..(scheme + 3)]}{Hidden}{value[at..]}" : value;
    }

    private static Dictionary<string, string> Flatten(GatewayOptions options)
    {
        Dictionary<string, string> all = new(StringComparer.Ordinal);
        Flatten("", options, all);
        return all;
    }

    private static void Flatten(string key, object? value, Dictionary<string, string> all)
    {
        switch (value)
        {
            case null:
                break;
            case string or bool or Enum or IFormattable:
                all[key] = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                break;
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                    Flatten($"{key}:{entry.Key}", entry.Value, all);
                break;
            case IEnumerable list:
                int i = 0;
                foreach (object? item in list)
                    Flatten($"{key}:{i++}", item, all);
                break;
            default:
                foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.CanWrite && p.GetIndexParameters().Length == 0))
                    Flatten(key.Length == 0 ? property.Name : $"{key}:{property.Name}", property.GetValue(value), all);
                break;
        }
    }
}
