namespace DeviceMqtt.Gateway.Listeners;

/// <summary>What is there over HTTP besides MQTT over WebSocket.</summary>
internal interface IHttpPages
{
    /// <summary>What it needs; described only, nothing is made yet.</summary>
    void AddServices(IServiceCollection services);

    /// <summary>Makes it, with the first request that is not for MQTT.</summary>
    RequestDelegate Build(IApplicationBuilder branch);

    /// <summary>Listening has begun.</summary>
    void Started();
}
