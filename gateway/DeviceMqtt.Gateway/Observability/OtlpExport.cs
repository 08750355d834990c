using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Sends the figures of <see cref="GatewayMeter"/> to a collector, again and again. With <see cref="OtlpFigures"/> the one that knows of OpenTelemetry: they are loaded where an address is set.</summary>
internal sealed class OtlpExport : IDisposable
{
    /// <summary>What one transmission may take, and the last one at the stop.</summary>
    private const int TimeoutMs = 10_000;

    // OTLP over HTTP (opentelemetry.io/docs/specs/otlp, 1.5): below the address of the collector.
    private const string MetricsPath = "v1/metrics";
    private readonly MeterProvider _provider;

    /// <param name="options">Where to, and how often.</param>
    /// <param name="collector">Its address for the log, without a password.</param>
    /// <param name="log">Is told when it does not take the figures.</param>
    public OtlpExport(OtlpOptions options, string collector, ILogger log)
    {
        OtlpExporterOptions exporter = new()
        {
            Endpoint = options.Grpc ? new Uri(options.Endpoint) : new Uri(new Uri(options.Endpoint.EndsWith('/') ? options.Endpoint : options.Endpoint + '/'), MetricsPath),
            Protocol = options.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = TimeoutMs,
        };
        if (options.HeadersSecret.Length > 0)
            exporter.Headers = options.HeadersSecret;
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(static resource => resource.Clear().AddService("devicemqtt-gateway", serviceNamespace: null, SysTopics.VersionText, autoGenerateServiceInstanceId: false, Environment.MachineName))
            .AddMeter(GatewayMeter.Name)
            .AddReader(new PeriodicExportingMetricReader(new OtlpFigures(exporter, collector, log), options.IntervalSeconds * 1000, TimeoutMs))
            .Build();
    }

    /// <summary>Sends what there is now.</summary>
    /// <returns>False when the collector did not take it in time.</returns>
    public bool Send() => _provider.ForceFlush(TimeoutMs);

    public void Dispose() => _provider.Dispose();
}
