using DeviceMqtt.Gateway.Settings;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Sends figures, and says when the collector does not take them, and when it does again: each once.</summary>
internal sealed class OtlpFigures(OtlpExporterOptions options, ILogger log) : OtlpMetricExporter(options)
{
    private readonly string _collector = SettingSecrets.Shown("Otlp:Endpoint", options.Endpoint.ToString());
    private bool _hasFailed;

    public override ExportResult Export(in Batch<Metric> metrics)
    {
        ExportResult result = base.Export(metrics);
        bool hasFailed = result != ExportResult.Success;
        if (hasFailed && !_hasFailed)
            log.FiguresNotTaken(_collector);
        else if (!hasFailed && _hasFailed)
            log.FiguresTakenAgain(_collector);
        _hasFailed = hasFailed;
        return result;
    }
}
