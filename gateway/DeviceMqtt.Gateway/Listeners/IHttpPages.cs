namespace DeviceMqtt.Gateway.Listeners;

/// <summary>What is there over HTTP besides MQTT over WebSocket.</summary>
internal interface IHttpPages
{
    /// <summary>Makes it, with the first request that is not for MQTT.</summary>
    /// <param name="host">What the host of the listeners has.</param>
    RequestDelegate Build(IServiceProvider host);

    /// <summary>Listening has begun.</summary>
    void Started();
}
