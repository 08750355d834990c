using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>Sends figures, and says when the collector does not take them, and when it does again: each once.</summary>
internal sealed class OtlpFigures(OtlpExporterOptions options, string collector, ILogger log) : OtlpMetricExporter(options)
{
    private bool _hasFailed;

    public override ExportResult Export(in Batch<Metric> metrics)
    {
        ExportResult result = base.Export(metrics);
        bool hasFailed = result != ExportResult.Success;
        if (hasFailed && !_hasFailed)
            log.FiguresNotTaken(collector);
        else if (!hasFailed && _hasFailed)
            log.FiguresTakenAgain(collector);
        _hasFailed = hasFailed;
        return result;
    }
}
