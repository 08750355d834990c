using DeviceMqtt.Broker.Words;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>The upstreams that are set: <c>Upstream</c> with section <c>Relay</c>, and each of <c>Relays</c>.</summary>
internal static class UpstreamSettings
{
    /// <exception cref="SettingException">A setting cannot be used; the message names it.</exception>
    public static List<RelayOptions> Read(GatewayOptions options)
    {
        ThrowIf(options.Relay.Check());
        List<RelayOptions> upstreams = [];
        options.Relay.Addresses = [.. options.Upstream.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), .. options.Relay.Addresses];
        options.Upstream = "";
        if (options.Relay.Addresses.Count > 0)
            upstreams.Add(options.Relay);
        for (int i = 0; i < options.Relays.Count; i++)
        {
            string section = $"Relays:{i}";
            RelayOptions relay = options.Relays[i];
            ThrowIf(relay.Check(section));
            if (relay.Addresses.Count == 0)
                throw new SettingException($"{section}:Addresses is empty; it must have at least one address");
            // By its name its backlog is found again on disk.
            if (upstreams.Exists(u => u.Name == relay.Name))
                throw new SettingException($"{section}:Name is '{relay.Name}', as that of another upstream");
            upstreams.Add(relay);
        }

        foreach (string address in upstreams.SelectMany(static u => u.Addresses))
            _ = UpstreamAddress.Parse(address);
        return upstreams;
    }

    private static void ThrowIf(string? wrong)
    {
        if (wrong is not null)
            throw new SettingException(wrong);
    }
}
