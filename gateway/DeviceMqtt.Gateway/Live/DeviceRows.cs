using DeviceMqtt.Broker.Connections;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Presence;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Live;

/// <summary>Makes the row of a device out of what is known of it now. Inside a turn.</summary>
internal sealed class DeviceRows(ConsoleSource source)
{
    public const string Online = "online";
    public const string Asleep = "asleep";
    public const string Overdue = "overdue";
    public const string Offline = "offline";
    public const string Never = "never";

    // Chosen: a board that sleeps for hours has a clock that is a minute or two wrong.
    private const long WakePatienceMs = 60_000;
    private const int ReadingsInRow = 3;

    // What has a column of its own, or is of interest to nobody in a list.
    private static readonly string[] Columns = ["rssi", "heap", "uptime"];

    public DeviceShapes.Row Of(DeviceEntry device, int notes)
    {
        (string state, long since, string why, long until, string address) = StateOf(device);
        (int waiting, long expires) = WaitingFor(device.ClientId);
        // Of ten thousand boards most have said nothing since the second before: their rows stay the objects they are.
        if (device.Shown is DeviceShapes.Row shown && IsSame(shown, device, notes, state, why, address) && shown.Waiting == waiting && IsNear(shown.Since, since) && IsNear(shown.Until, until) && IsNear(shown.WaitingExpires, expires))
            return shown;
        List<DeviceShapes.LastReading> readings = [];
        double? rssi = null;
        double? battery = null;
        string? batteryUnit = null;
        foreach (StreamEntry stream in device.Streams)
            foreach (Series series in stream.Series)
            {
                if (series.Name == "rssi")
                    rssi = series.Last;
                else if (series.Name.StartsWith("batt", StringComparison.Ordinal))
                    (battery, batteryUnit) = (series.Last, series.Unit);
                else if (readings.Count < ReadingsInRow && !Columns.Contains(series.Name))
                    readings.Add(Reading(stream, series));
            }

        DeviceShapes.Row row = new(
            device.Name, device.Prefix, GroupOf(device.ClientId), device.ClientId, state, since, why, until, address, readings, device.HeardUnixMs, rssi, battery, batteryUnit,
            device.Firmware, device.Board, waiting, expires, notes);
        device.Shown = row;
        return row;
    }

    private static bool IsSame(DeviceShapes.Row shown, DeviceEntry device, int notes, string state, string why, string address) =>
        shown.Heard == device.HeardUnixMs && shown.Notes == notes && shown.State == state && shown.Why == why && shown.Address == address && shown.ClientId == device.ClientId
        && shown.Firmware == device.Firmware && shown.Board == device.Board;

    /// <summary>Moments are worked out anew from the running clock, to a millisecond or so.</summary>
    public static bool IsNear(long a, long b) => Math.Abs(a - b) <= ClockJitterMs;

    private const long ClockJitterMs = 1_000;

    /// <summary>A device that may come, and never did.</summary>
    public static DeviceShapes.Row OfNever(string name) =>
        new(name, DeviceTopic.DefaultPrefix, "", "", Never, 0, "waiting for its first contact", 0, "", [], 0, null, null, null, "", "", 0, 0, 0);

    public static DeviceShapes.LastReading Reading(StreamEntry stream, Series series) =>
        new(stream.Name, series.Name, Math.Round(series.Last, 6), series.Unit, series.LastUnixMs, series.IsLastLate, stream.IsTimeGuessed);

    public static string GroupOf(string clientId) =>
        ClientId.TrySplitGroup(clientId, out string group, out _) ? group.StartsWith("GID_", StringComparison.Ordinal) ? group[4..] : group : "";

    private (string State, long Since, string Why, long Until, string Address) StateOf(DeviceEntry device)
    {
        string clientId = device.ClientId;
        ClientPresence? presence = source.Broker.Presence.Find(clientId);
        if (presence is { IsOnline: true })
            return (Online, At(presence.SinceMs), presence.DueMs > 0 ? "lost a moment ago, and in its grace" : "connected", 0, ClientBook.AddressOf(presence.Remote));
        if (source.Broker.GatewaysBelow.Find(clientId) is { IsConnected: true } below)
            return (Online, 0, $"behind the gateway {below.ClientId}", 0, "");
        // The reason its connection ended says more than the one of its presence.
        Visit? last = source.Observation.Clients.Of(clientId) is [.., { ToUnixMs: > 0 } ended] ? ended : null;
        string address = last?.Address ?? "";
        return presence?.Reason switch
        {
            PresenceReason.Asleep => (Asleep, At(presence.SinceMs), "sleeps", device.SleepUntilUnixMs, address),
            PresenceReason.Overdue => (Overdue, At(presence.SinceMs), "was to wake", presence.BackAtMs is > 0 and < long.MaxValue ? At(presence.BackAtMs) : device.SleepUntilUnixMs, address),
            null or PresenceReason.GatewayStarted when device.SleepUntilUnixMs > 0 => ByItsBirth(device, last),
            _ => last is null ? (Offline, 0, "not here since the gateway started", 0, "") : (Offline, presence is null ? last.ToUnixMs : At(presence.SinceMs), CloseWords.Of(last.Reason), 0, address),
        };
    }

    // The gateway's own presence does not know of its sleep: it began before the gateway started, and the birth is retained.
    private (string State, long Since, string Why, long Until, string Address) ByItsBirth(DeviceEntry device, Visit? last) =>
        source.NowUnixMs > device.SleepUntilUnixMs + WakePatienceMs
            ? (Overdue, device.SleepUntilUnixMs, "was to wake", device.SleepUntilUnixMs, last?.Address ?? "") : (Asleep, last?.ToUnixMs ?? 0, "sleeps", device.SleepUntilUnixMs, last?.Address ?? "");

    private long At(long monotonicMs) => source.Broker.Clock.ToUnixMs(monotonicMs);

    private (int Count, long ExpiresUnixMs) WaitingFor(string clientId)
    {
        (int count, IEnumerable<QueuedMessage> first) = source.Broker.Mailboxes.Find(clientId) is { Count: > 0 } mailbox ? (mailbox.Count, mailbox.Waiting) : (0, []);
        if (count == 0 && source.Broker.Sessions.Find(clientId) is { IsConnected: false } absent)
            (count, first) = (absent.Queue.Count, absent.Queue.Count > 0 ? absent.Queue.InOrder() : []);
        long expires = first.Select(static q => q.Message.ExpiresMs).FirstOrDefault(long.MaxValue);
        return (count, expires == long.MaxValue ? 0 : source.Broker.Clock.ToUnixMs(expires));
    }

    public static string AddressOf(Session session) => session.Connection is MqttConnection connection ? ClientBook.AddressOf(connection.Remote) : "";
}
