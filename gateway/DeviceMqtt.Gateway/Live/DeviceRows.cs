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

    // Chosen: what is shorter is the same event, told twice.
    private const long OneThingMs = 1_000;

    // Chosen: a board tells something once a minute or more, and may miss it.
    private const long HeardLatelyMs = 300_000;
    private const int MissedTimes = 3;
    private const int ReadingsInRow = 3;

    // What has a column of its own, or is of interest to nobody in a list.
    private static readonly string[] Columns = ["rssi", "heap", "uptime"];

    public DeviceShapes.Row Of(DeviceEntry device, int notes) => Of(device, FactsOf(device), notes);

    public static DeviceShapes.Row Of(DeviceEntry device, in DeviceFacts facts, int notes)
    {
        (double? rssi, double? battery, string? batteryUnit) = ColumnsOf(device);
        return new DeviceShapes.Row(
            device.Name, device.Prefix, GroupOf(device.ClientId), device.ClientId, facts.State, facts.Since, facts.Why, facts.Until, facts.Address, ReadingsOf(device), device.HeardUnixMs, rssi, battery, batteryUnit,
            device.Firmware, device.Board, facts.Waiting, facts.WaitingExpires, notes);
    }

    /// <summary>What has a column of its own.</summary>
    public static (double? Rssi, double? Battery, string? BatteryUnit) ColumnsOf(DeviceEntry device)
    {
        double? rssi = null;
        double? battery = null;
        string? batteryUnit = null;
        foreach (StreamEntry stream in device.Streams)
            foreach (Series series in stream.Series)
                if (series.Name == "rssi")
                    rssi = series.Last;
                else if (IsBattery(series))
                    (battery, batteryUnit) = (series.Last, series.Unit);
        return (rssi, battery, batteryUnit);
    }

    // The first few.
    private static List<DeviceShapes.LastReading> ReadingsOf(DeviceEntry device)
    {
        List<DeviceShapes.LastReading> readings = new(ReadingsInRow);
        foreach (StreamEntry stream in device.Streams)
            foreach (Series series in stream.Series)
                if (readings.Count < ReadingsInRow && !IsBattery(series) && !Columns.Contains(series.Name))
                    readings.Add(Reading(stream, series));
        return readings;
    }

    private static bool IsBattery(Series series) => series.Name.StartsWith("batt", StringComparison.Ordinal);

    /// <summary>A device that may come, and never did.</summary>
    public static DeviceShapes.Row OfNever(string name) =>
        new(name, DeviceTopic.DefaultPrefix, "", "", Never, 0, "waiting for its first contact", 0, "", [], 0, null, null, null, "", "", 0, 0, 0);

    public static DeviceShapes.LastReading Reading(StreamEntry stream, Series series) =>
        new(stream.Name, series.Name, Math.Round(series.Last, 6), series.Unit, series.LastUnixMs, series.IsLastLate, stream.IsTimeGuessed);

    public static string GroupOf(string clientId) =>
        ClientId.TrySplitGroup(clientId, out string group, out _) ? group.StartsWith("GID_", StringComparison.Ordinal) ? group[4..] : group : "";

    public DeviceFacts FactsOf(DeviceEntry device)
    {
        (int waiting, long expires) = WaitingFor(device.ClientId);
        return StateOf(device) with { Waiting = waiting, WaitingExpires = expires };
    }

    /// <summary>When a device that did not wake was to be back, in milliseconds since 1970; null for all others.</summary>
    public long? OverdueOf(DeviceEntry device) => device.SleepUntilUnixMs > 0 && StateOf(device) is { State: Overdue, Until: var untilUnixMs } ? untilUnixMs : null;

    private DeviceFacts StateOf(DeviceEntry device)
    {
        string clientId = device.ClientId;
        ClientPresence? presence = source.Broker.Presence.Find(clientId);
        Visit? last = source.Observation.Clients.Of(clientId) is [.., { } latest] ? latest : null;
        if (presence is { IsOnline: true })
            return new(Online, At(presence.SinceMs), presence.DueMs > 0 ? "lost a moment ago, and in its grace" : "connected", "", 0, last?.Address ?? ClientBook.AddressOf(presence.Remote));
        if (source.Broker.GatewaysBelow.Find(clientId) is { } below && StateBelow(device, below, presence) is { } elsewhere)
            return elsewhere;
        // The reason its connection ended says more than the one of its presence.
        if (last is { ToUnixMs: 0 })
            last = null;
        string address = last?.Address ?? "";
        return presence?.Reason switch
        {
            PresenceReason.Asleep => new(Asleep, At(presence.SinceMs), "sleeps", "", device.SleepUntilUnixMs, address),
            PresenceReason.Overdue => new(Overdue, At(presence.SinceMs), "was to wake", "", presence.BackAtMs is > 0 and < long.MaxValue ? At(presence.BackAtMs) : device.SleepUntilUnixMs, address),
            null or PresenceReason.GatewayStarted when device.SleepUntilUnixMs > 0 => ByItsBirth(device, last),
            _ => last is null ? new(Offline, 0, "not here since the gateway started", "", 0, "") : new(Offline, presence is null ? last.ToUnixMs : At(presence.SinceMs), CloseWords.Of(last.Reason), "", 0, address),
        };
    }

    // A gateway below has it, or had it: it goes on asking for what is sent to a device that is off or has moved. So the state is what the device has told from there, unless what is
    // known of it here is newer: null then. By the monotonic clock, for the one on the wall may have been set in between.
    private DeviceFacts? StateBelow(DeviceEntry device, Session below, ClientPresence? here)
    {
        ToldPresence told = source.Observation.Devices.Presences.Of(device.ClientId, source.Broker.Retained.Find);
        long fromThereMs = told.IsOnline is null ? device.HeardMs : told.SinceMs;
        // Its Will and the end of its connection here are one thing.
        if (here is { Reason: not PresenceReason.GatewayStarted } && here.SinceMs + OneThingMs >= fromThereMs && !HasWokenBelow(device, here))
            return null;
        long sinceMs = told.SinceUnixMs;
        bool isAway = !below.IsConnected;
        if (told.IsOnline is not true && device.SleepUntilUnixMs > 0 && (!isAway || source.NowUnixMs <= device.SleepUntilUnixMs))
            return ByItsBirth(device, null) with { Below = below.ClientId, Since = sinceMs };
        if (isAway)
            return new(Offline, told.IsOnline is false ? sinceMs : LeftAt(below.ClientId), "that gateway is away", below.ClientId, 0, "");
        return told.IsOnline switch
        {
            true => new(Online, sinceMs, "", below.ClientId, 0, ""),
            false => new(Offline, sinceMs, "gone", below.ClientId, 0, ""),
            // Its gateway has a rule that brings no presence up.
            null when IsHeardLately(device) => new(Online, 0, "heard of, and no presence is told", below.ClientId, 0, ""),
            null => new(Offline, device.HeardUnixMs, "not heard of, and no presence is told", below.ClientId, 0, ""),
        };
    }

    // That it did not wake was said here, and only here: it was heard of since it was to be back.
    private static bool HasWokenBelow(DeviceEntry device, ClientPresence here) => here is { Reason: PresenceReason.Overdue, BackAtMs: > 0 and < long.MaxValue } && device.HeardMs >= here.BackAtMs;

    private long LeftAt(string clientId) => source.Broker.Presence.Find(clientId) is { IsOnline: false, Reason: not PresenceReason.GatewayStarted } left ? At(left.SinceMs) : 0;

    private bool IsHeardLately(DeviceEntry device)
    {
        double usualMs = 0;
        foreach (StreamEntry stream in device.Streams)
            usualMs = Math.Max(usualMs, stream.IntervalMs);
        return source.Broker.Turn.NowMs - device.HeardMs <= Math.Max(HeardLatelyMs, MissedTimes * usualMs);
    }

    // The gateway's own presence does not know of its sleep: it began before the gateway started, and the birth is retained.
    private DeviceFacts ByItsBirth(DeviceEntry device, Visit? last) =>
        source.NowUnixMs > device.OverdueUnixMs
            ? new(Overdue, device.SleepUntilUnixMs, "was to wake", "", device.SleepUntilUnixMs, last?.Address ?? "") : new(Asleep, last?.ToUnixMs ?? 0, "sleeps", "", device.SleepUntilUnixMs, last?.Address ?? "");

    private long At(long monotonicMs) => source.Broker.Clock.ToUnixMs(monotonicMs);

    private (int Count, long ExpiresUnixMs) WaitingFor(string clientId)
    {
        (int count, IEnumerable<QueuedMessage> first) = source.Broker.Mailboxes.Find(clientId) is { Count: > 0 } mailbox ? (mailbox.Count, mailbox.Waiting) : (0, []);
        if (count == 0 && source.Broker.Sessions.Find(clientId) is { IsConnected: false } absent)
            (count, first) = (absent.Queue.Count, absent.Queue.Count > 0 ? absent.Queue.InOrder() : []);
        if (count == 0)
            return (0, 0);
        long expires = first.Select(static q => q.Message.ExpiresMs).FirstOrDefault(long.MaxValue);
        return (count, expires == long.MaxValue ? 0 : source.Broker.Clock.ToUnixMs(expires));
    }

    public static string AddressOf(Session session) => session.Connection is MqttConnection connection ? ClientBook.AddressOf(connection.Remote) : "";
}
