using DeviceMqtt.Gateway.Devices;

namespace DeviceMqtt.Gateway.Doctor;

/// <summary>What may be wrong with a device, told from its birth and its telemetry.</summary>
internal static class DeviceRules
{
    private const int BrownOutsMin = 2;
    private const int StartsMin = 5;
    private const double WeakDbm = -82;
    private const double LowPercent = 20;
    private const long DayMs = 24 * 3_600_000;
    private const long RepeatsMin = 20;

    /// <summary>Adds what is wrong; for a device that is well nothing is made.</summary>
    public static void Look(DeviceEntry device, in DeviceLook look, List<Note> notes)
    {
        notes.AddFound(Overdue(device, look));
        notes.AddFound(Restarts(device, look));
        notes.AddFound(Repeats(device, look));
        // What it said last is no news of one that has said nothing for longer: that it is gone is.
        if (!look.IsToday(device.HeardUnixMs))
            return;
        notes.AddFound(ClockNotSet(device));
        notes.AddFound(SensorsFailed(device));
        foreach (StreamEntry stream in device.Streams)
            foreach (Series series in stream.Series)
                if (look.IsToday(series.LastUnixMs))
                    notes.AddFound(WeakSignal(device, series) ?? LowBattery(device, series));
    }

    public static Note? ClockNotSet(DeviceEntry device) =>
        device.HasClockWrong
            ? About(device, "clock-not-set", NoteLevel.Warn, $"“{device.Name}” has no clock.", "It stamps its readings with a time before 2026; the gateway puts them where they arrived.", "Let it reach a time server: the router's, or an SNTP server on this machine.")
            : null;

    public static Note? Restarts(DeviceEntry device, in DeviceLook look)
    {
        (int starts, int brownOuts) = device.StartsSince(look.NowMs - DayMs);
        return brownOuts >= BrownOutsMin
            ? About(device, "brownout", NoteLevel.Bad, $"“{device.Name}” restarted {Times(brownOuts)} in a day: brownout.", "Its supply voltage breaks down, mostly while the radio sends.", "Check its power supply and cable; a capacitor of 470 µF at the board helps.") with { Count = brownOuts }
            : starts >= StartsMin && device.ResetCause is "crash" or "watchdog"
                ? About(device, "restarts", NoteLevel.Warn, $"“{device.Name}” started {Times(starts)} in a day.", $"The last time because of: {device.ResetCause}.", "Look at its serial line, and update its firmware.") with { Count = starts }
                : null;
    }

    private static string Times(int count) => count == DeviceEntry.StartsMax ? $"{count} times or more" : $"{count} times";

    // As the list of devices has it. Whoever was heard of since is awake, wherever that is.
    public static Note? Overdue(DeviceEntry device, in DeviceLook look) =>
        look.BackUnixMs is { } backUnixMs && device.HeardUnixMs < backUnixMs
            ? About(device, "overdue", NoteLevel.Warn, $"“{device.Name}” did not wake.", $"It was to be back {ClientRules.Duration(Math.Max(0, look.NowUnixMs - backUnixMs))} ago.", "Check its battery and whether the Wi-Fi is in reach.") with { FirstUnixMs = backUnixMs }
            : null;

    public static Note? SensorsFailed(DeviceEntry device) =>
        device.FailedSensors > 0
            ? About(device, "sensor-failed", NoteLevel.Warn, device.FailedSensors == 1 ? $"A sensor of “{device.Name}” does not work." : $"{device.FailedSensors} sensors of “{device.Name}” do not work.", "Its birth message says so.", "Check the wires and the address of the sensor; its events say what failed.")
            : null;

    public static Note? Repeats(DeviceEntry device, in DeviceLook look)
    {
        (long received, long repeated) = device.ReadingsLately(look.NowMs);
        return repeated >= RepeatsMin && repeated * 5 > received
            ? About(device, "dup-storm", NoteLevel.Warn, $"“{device.Name}” repeats its messages.", $"{repeated} of {received} readings of the last hour came a second time: acknowledgements do not get back to it in time.", "Move it or the access point: look at its signal. A subscriber that holds everybody up does the same.") with { Count = repeated }
            : null;
    }

    public static Note? WeakSignal(DeviceEntry device, Series series) =>
        series.Name == "rssi" && series.Last < WeakDbm
            ? About(device, "weak-signal", NoteLevel.Info, $"“{device.Name}” has a weak signal.", $"{Math.Abs(series.Last):−0} dBm; below −82 dBm connections break.", "Move it or the access point, or turn its antenna.")
            : null;

    public static Note? LowBattery(DeviceEntry device, Series series) =>
        series.Name.StartsWith("batt", StringComparison.Ordinal) && series.Unit is "%EL" or "%" && series.Last < LowPercent
            ? About(device, "low-battery", NoteLevel.Warn, $"The battery of “{device.Name}” is low.", $"{series.Last:0} % are left.", "Charge or replace it.")
            : null;

    private static Note About(DeviceEntry device, string rule, NoteLevel level, string title, string text, string todo) =>
        new(rule, level, device.ClientId.Length > 0 ? device.ClientId : device.Name, title, text, todo) { Device = device.Name };
}
