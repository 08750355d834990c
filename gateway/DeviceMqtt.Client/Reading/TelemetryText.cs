using System.Text;
using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Client.Reading;

/// <summary>Telemetry and events of our devices.</summary>
internal static class TelemetryText
{
    private static readonly string[] Common = [TelemetryField.Sequence, TelemetryField.Time, TelemetryField.UpMs, TelemetryField.BootId, TelemetryField.Late, TelemetryField.Quality];

    /// <summary>Null when it is none.</summary>
    public static Telemetry? Read(DeviceTopic topic, byte[] payload)
    {
        FlatJsonReader reader = new();
        TelemetryHeader header = new();
        if (!header.TryRead(reader, payload, 0, payload.Length))
            return null;
        Dictionary<string, double?> readings = new(StringComparer.Ordinal);
        reader.Start(payload, 0, payload.Length);
        while (reader.Read())
        {
            if (Common.Any(reader.NameIs))
                continue;
            if (reader.TryGetDouble(out double number))
                readings[reader.GetName()] = number;
            else if (reader.TryGetBoolean(out bool isSo))
                readings[reader.GetName()] = isSo ? 1 : 0;
            else if (reader.Kind == JsonKind.Null)
                readings[reader.GetName()] = null;
        }

        DateTimeOffset? time = header.HasTime && header.TimeSeconds < 253_402_300_799 ? DateTimeOffset.UnixEpoch.AddSeconds(header.TimeSeconds) : null;
        return new Telemetry(topic.Device, topic.Name, topic.Kind == DeviceTopicKind.Event, header.Sequence, time, header.IsLate, readings, Encoding.UTF8.GetString(payload));
    }
}
