using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace DeviceMqtt.Gateway.Observability;

/// <summary>The instruments of the gateway in the text that Prometheus reads (exposition format 0.0.4).</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Collects once. Inside a turn: what is observed is of one moment.</summary>
    public static string Collect(GatewayMeter meter)
    {
        Dictionary<string, (Instrument Instrument, List<string> Lines)> families = new(StringComparer.Ordinal);
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (meter.Has(instrument))
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(families, instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(families, instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(families, instrument, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        StringBuilder text = new();
        foreach ((string name, (Instrument instrument, List<string> lines)) in families.OrderBy(static f => f.Key, StringComparer.Ordinal))
        {
            _ = text.Append("# HELP ").Append(name).Append(' ').Append(instrument.Description).Append('\n');
            _ = text.Append("# TYPE ").Append(name).Append(IsCounter(instrument) ? " counter\n" : " gauge\n");
            foreach (string line in lines)
                _ = text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static void Add(Dictionary<string, (Instrument Instrument, List<string> Lines)> families, Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string name = NameOf(instrument);
        if (!families.TryGetValue(name, out (Instrument Instrument, List<string> Lines) family))
            families.Add(name, family = (instrument, []));
        StringBuilder line = new(name);
        for (int i = 0; i < tags.Length; i++)
            _ = line.Append(i == 0 ? '{' : ',').Append(tags[i].Key.Replace('.', '_')).Append("=\"").Append(Escape(tags[i].Value?.ToString() ?? "")).Append('"');
        if (tags.Length > 0)
            _ = line.Append('}');
        family.Lines.Add(line.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).ToString());
    }

    // As OpenTelemetry's rules for Prometheus have it: the unit is part of the name, and counters end with _total.
    private static string NameOf(Instrument instrument)
    {
        string unit = instrument.Unit switch { "By" => "_bytes", "s" => "_seconds", _ => "" };
        return instrument.Name.Replace('.', '_') + unit + (IsCounter(instrument) ? "_total" : "");
    }

    private static bool IsCounter(Instrument instrument) => instrument is ObservableCounter<long> or ObservableCounter<int> or ObservableCounter<double>;

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
