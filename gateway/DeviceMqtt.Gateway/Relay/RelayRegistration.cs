using DeviceMqtt.Gateway.Routing;

namespace DeviceMqtt.Gateway.Relay;

/// <summary>The relay's place in the host. Nothing of it exists without an upstream.</summary>
internal static class RelayRegistration
{
    public static void AddRelay(this IServiceCollection services, UpstreamAddress address, RelayOptions options)
    {
        services.AddSingleton(address);
        services.AddSingleton(options);
        services.AddSingleton<RelayTopics>();
        services.AddSingleton<UplinkPresence>();
        services.AddSingleton<UplinkHandshake>();
        services.AddSingleton<UplinkConnector>();
        services.AddSingleton(s => new RelaySession(
            s.GetRequiredService<Broker>(), options, s.GetRequiredService<RelayTopics>(), s.GetRequiredService<UplinkPresence>(), Log(s)));
        services.AddSingleton(s => new Uplink(
            address, options, s.GetRequiredService<RelaySession>(), s.GetRequiredService<UplinkConnector>(), s.GetRequiredService<Broker>(),
            s.GetRequiredService<TimeProvider>(), Log(s)));
        services.AddHostedService(s => s.GetRequiredService<Uplink>());
    }

    private static ILogger Log(IServiceProvider services) => services.GetRequiredService<ILoggerFactory>().CreateLogger("Relay");
}
