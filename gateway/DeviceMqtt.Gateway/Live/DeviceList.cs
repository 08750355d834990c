using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// The rows of all devices as of a moment: made when somebody asks, and the same for all who ask within a second. Nobody asks, nothing is made.
/// Safe from any thread.
/// </summary>
internal sealed class DeviceList(ConsoleSource source, DoctorRound doctor)
{
    private const long FreshMs = 900;
    private readonly DeviceRows _rows = new(source);
    private readonly Lock _lock = new();
    private Task<DeviceSnapshot>? _last;
    private bool _hasRetained;

    public DeviceRows Rows => _rows;

    /// <summary>As of now, or of less than a second ago.</summary>
    public Task<DeviceSnapshot> GetAsync()
    {
        lock (_lock)
            return _last is { } last && (!last.IsCompleted || (last.IsCompletedSuccessfully && IsFresh(last.Result))) ? last : _last = Task.Run(MakeAsync);
    }

    private bool IsFresh(DeviceSnapshot snapshot) => source.Broker.Turn.MonotonicMs() - snapshot.MadeMs < FreshMs;

    private async Task<DeviceSnapshot> MakeAsync()
    {
        await TakeRetainedAsync();
        IReadOnlyList<Note> notes = (await doctor.LookAsync()).Notes;
        Dictionary<string, int> noteCounts = notes.Where(static n => n.Device.Length > 0).GroupBy(static n => n.Device, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Count(), StringComparer.Ordinal);
        List<DeviceShapes.Row> rows = new(source.Observation.Devices.Devices.Count);
        await TurnWork.ForEachAsync(source.Broker.Turn, () => [.. source.Observation.Devices.Devices], (DeviceEntry device) => rows.Add(_rows.Of(device, noteCounts.GetValueOrDefault(device.Name))));
        // Those that were added and never came.
        List<string> added = [.. source.Directory.Now().All.Where(static u => u.Value.Role == Roles.Device).Select(static u => u.Key)];
        if (added.Count > 0)
        {
            HashSet<string> seen = [.. rows.Select(static r => r.Name)];
            rows.AddRange(added.Where(name => !seen.Contains(name)).Select(static name => DeviceRows.OfNever(name)));
        }

        return new DeviceSnapshot(source.Broker.Turn.MonotonicMs(), source.NowUnixMs, rows, notes);
    }

    // Births that were told before this run: once, when the first one looks.
    private async Task TakeRetainedAsync()
    {
        if (_hasRetained)
            return;
        await TurnWork.ForEachRetainedAsync(source.Broker, "+/+/info", message =>
        {
            source.Observation.Devices.TakeRetained(message);
            return true;
        });
        _hasRetained = true;
    }
}
