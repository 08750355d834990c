using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/settings</c>: what is in force, and where it came from. Secrets are hidden.</summary>
internal sealed class SettingsApi(ConsoleSource source)
{
    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/settings", List).WithMetadata(Needs.ToSee).WithTags("Settings").WithSummary("The settings in force").Produces<IReadOnlyList<GatewayShapes.Setting>>();

    private Answer<IReadOnlyList<GatewayShapes.Setting>> List()
    {
        Dictionary<string, string> defaults = SettingValues.Of(new GatewayOptions());
        Dictionary<string, string> from = source.Options.Sources.ToDictionary(static s => s.Key, static s => s.From, StringComparer.OrdinalIgnoreCase);
        List<GatewayShapes.Setting> settings = [];
        foreach ((string key, string value) in SettingValues.Of(source.Options).OrderBy(static s => s.Key, StringComparer.Ordinal))
        {
            bool isDefault = defaults.TryGetValue(key, out string? usual) && usual == value;
            settings.Add(new GatewayShapes.Setting(key, SettingSecrets.Shown(key, value), from.GetValueOrDefault(key) ?? (isDefault ? "default" : "set")));
        }

        return new Answer<IReadOnlyList<GatewayShapes.Setting>>(settings, ApiJson.Default.Settings);
    }
}
