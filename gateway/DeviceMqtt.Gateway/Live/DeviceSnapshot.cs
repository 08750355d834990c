using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Shapes;

namespace DeviceMqtt.Gateway.Live;

/// <summary>All devices as of one moment.</summary>
internal sealed class DeviceSnapshot
{
    public DeviceSnapshot(long madeMs, long nowUnixMs, IReadOnlyList<DeviceShapes.Row> rows, IReadOnlyList<Note> notes)
    {
        MadeMs = madeMs;
        NowUnixMs = nowUnixMs;
        Rows = rows;
        Notes = notes;
        Facets = new DeviceShapes.Facets(
            rows.Count, Count(DeviceRows.Online), Count(DeviceRows.Asleep), Count(DeviceRows.Overdue), Count(DeviceRows.Offline), Count(DeviceRows.Never), rows.Count(static r => r.Waiting > 0));
        Groups = [.. rows.Select(static r => r.Group).Where(static g => g.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Monotonic milliseconds.</summary>
    public long MadeMs { get; }

    public long NowUnixMs { get; }

    public IReadOnlyList<DeviceShapes.Row> Rows { get; }

    public IReadOnlyList<Note> Notes { get; }

    public DeviceShapes.Facets Facets { get; }

    public IReadOnlyList<string> Groups { get; }

    private int Count(string state) => Rows.Count(r => r.State == state);
}
