using System.IO.Pipelines;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.HomeAssistant;

namespace DeviceMqtt.Gateway.Composition;

/// <summary>Home Assistant's side of the gateway, put together: a client of the broker inside the process. Its assembly is loaded where it is wanted alone.</summary>
internal sealed class HomeAssistantPart(HomeAssistantOptions options, MqttBroker broker, ILogger log, TimeProvider time) : BackgroundService
{
    private const int LinesPerMinuteMax = 20;
    private readonly LineLimit _lines = new(LinesPerMinuteMax);
    private readonly Lock _lock = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        DiscoveryTopics topics = new(options.DiscoveryPrefix, options.Base, options.DevicePrefix);
        return new HomeAssistantBridge(topics, Environment.MachineName, options.DevicesMax, DialAsync, MayLog, log, time).RunAsync(stoppingToken);
    }

    /// <summary>Whether there is room for one more line about a single message. Says how many found none in the minutes before. Safe from any thread.</summary>
    internal bool MayLog()
    {
        bool mayLog;
        long withheld;
        lock (_lock)
            mayLog = _lines.TryTake(time.MonotonicMs(), out withheld);
        if (withheld > 0)
            log.LinesWithheld(withheld);
        return mayLog;
    }

    private Task<Stream> DialAsync(CancellationToken cancellation)
    {
        Pipe toBroker = new();
        Pipe toClient = new();
        _ = ServeAsync(new DuplexPipe(toBroker.Reader, toClient.Writer));
        return Task.FromResult<Stream>(new InProcessStream(toClient.Reader, toBroker.Writer));
    }

    private async Task ServeAsync(DuplexPipe pipe)
    {
        await broker.ServeAsync(pipe, LocalEndPoint.Instance, abort: () => pipe.Input.CancelPendingRead()).ConfigureAwait(false);
        await pipe.Input.CompleteAsync().ConfigureAwait(false);
        await pipe.Output.CompleteAsync().ConfigureAwait(false);
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
