using DeviceMqtt.Gateway.Shapes;

namespace DeviceMqtt.Gateway.Live;

/// <summary>How many devices are in each state.</summary>
internal sealed class StateCount
{
    private int _all;
    private int _online;
    private int _asleep;
    private int _overdue;
    private int _offline;
    private int _never;
    private int _waiting;

    public void Add(string state, int waiting)
    {
        _all++;
        _waiting += waiting > 0 ? 1 : 0;
        _ = state switch
        {
            DeviceRows.Online => _online++,
            DeviceRows.Asleep => _asleep++,
            DeviceRows.Overdue => _overdue++,
            DeviceRows.Offline => _offline++,
            _ => _never++,
        };
    }

    public DeviceShapes.Facets ToFacets() => new(_all, _online, _asleep, _overdue, _offline, _never, _waiting);
}
