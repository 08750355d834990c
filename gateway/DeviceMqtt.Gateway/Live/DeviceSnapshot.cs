using DeviceMqtt.Gateway.Shapes;

namespace DeviceMqtt.Gateway.Live;

/// <summary>All devices as of one moment, without their readings.</summary>
/// <param name="MadeMs">Monotonic milliseconds.</param>
/// <param name="NowUnixMs">The same by the clock of the wall.</param>
/// <param name="Rows">In no order.</param>
internal sealed record DeviceSnapshot(long MadeMs, long NowUnixMs, IReadOnlyList<DeviceShapes.Row> Rows)
{
    public DeviceShapes.Facets Facets { get; } = Count(Rows);

    public IReadOnlyList<string> Groups { get; } = [.. Rows.Select(static r => r.Group).Where(static g => g.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static DeviceShapes.Facets Count(IReadOnlyList<DeviceShapes.Row> rows)
    {
        StateCount count = new();
        foreach (DeviceShapes.Row row in rows)
            count.Add(row.State, row.Waiting);
        return count.ToFacets();
    }
}
