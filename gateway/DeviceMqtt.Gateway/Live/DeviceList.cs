using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// The rows of all devices as of a moment: made when somebody asks, the same for all who ask within a second, and kept for nobody else. Safe from
/// any thread.
/// </summary>
internal sealed class DeviceList(ConsoleSource source, DoctorRound doctor)
{
    /// <summary>Rows of a page, where nobody says how many.</summary>
    public const int PageRows = 60;

    private const int PageRowsMax = 200;
    private const long FreshMs = 900;
    private readonly DeviceRows _rows = new(source);
    private readonly Lock _lock = new();
    private readonly WeakReference<Task<DeviceSnapshot>> _last = new(null!);
    private Task? _retained;

    // What they are made of, and those that came of it. Owned by the turn.
    private (UserTable Users, long Devices) _neverOf;
    private IReadOnlyList<DeviceShapes.Row> _never = [];

    public DeviceRows Rows => _rows;

    /// <summary>As of now, or of less than a second ago.</summary>
    public Task<DeviceSnapshot> GetAsync()
    {
        lock (_lock)
        {
            if (_last.TryGetTarget(out Task<DeviceSnapshot>? last) && (!last.IsCompleted || (last.IsCompletedSuccessfully && IsFresh(last.Result))))
                return last;
            last = Task.Run(MakeAsync);
            _last.SetTarget(last);
            return last;
        }
    }

    /// <summary>A page of those that fit.</summary>
    public async Task<DeviceShapes.Page> PageAsync(DeviceQuery query, string? sort, int offset, int limit)
    {
        DeviceSnapshot all = await GetAsync();
        List<DeviceShapes.Row> matched = [.. DeviceQuery.Sort(all.Rows.Where(query.Fits), sort)];
        int from = Math.Clamp(offset, 0, matched.Count);
        List<DeviceShapes.Row> page = matched.GetRange(from, Math.Min(Math.Clamp(limit, 1, PageRowsMax), matched.Count - from));
        return new DeviceShapes.Page(all.Rows.Count, matched.Count, from, all.NowUnixMs, all.Facets, all.Groups, WithReadings(page));
    }

    /// <summary>What is wrong, and of how many things of each device, by its name.</summary>
    public async Task<(IReadOnlyList<Note> Notes, Dictionary<string, int> OfDevices)> NotesAsync()
    {
        IReadOnlyList<Note> notes = (await doctor.LookAsync()).Notes;
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (Note note in notes)
            if (note.Device.Length > 0)
                counts[note.Device] = counts.GetValueOrDefault(note.Device) + 1;
        return (notes, counts);
    }

    // What was read last, only of those that are sent.
    private IReadOnlyList<DeviceShapes.Row> WithReadings(IReadOnlyList<DeviceShapes.Row> rows) => TurnWork.Read<IReadOnlyList<DeviceShapes.Row>>(source.Broker.Turn, () =>
        [.. rows.Select(row => source.Observation.Devices.Find(row.Prefix, row.Name) is { } device ? row with { Readings = DeviceRows.ReadingsOf(device) } : row)]);

    /// <summary>Those that were added and never came; the same object while nothing has changed.</summary>
    public IReadOnlyList<DeviceShapes.Row> NeverSeen()
    {
        UserTable users = source.Directory.Now();
        return TurnWork.Read(source.Broker.Turn, () =>
        {
            DeviceBook devices = source.Observation.Devices;
            if (_neverOf == (users, devices.Version))
                return _never;
            _neverOf = (users, devices.Version);
            HashSet<string> elsewhere = [.. devices.Devices.Where(static d => d.Prefix != DeviceTopic.DefaultPrefix).Select(static d => d.Name)];
            return _never = [.. users.All.Where(user => user.Value.Role == Roles.Device && devices.Find(DeviceTopic.DefaultPrefix, user.Key) is null && !elsewhere.Contains(user.Key)).Select(static user => DeviceRows.OfNever(user.Key))];
        });
    }

    /// <summary>Births that were told before this run: once, when the first one looks.</summary>
    public Task TakeRetainedAsync()
    {
        lock (_lock)
            return _retained is null or { IsFaulted: true } ? _retained = TakeAsync() : _retained;
    }

    private bool IsFresh(DeviceSnapshot snapshot) => source.Broker.Turn.MonotonicMs() - snapshot.MadeMs < FreshMs;

    private async Task<DeviceSnapshot> MakeAsync()
    {
        await TakeRetainedAsync();
        Dictionary<string, int> notes = (await NotesAsync()).OfDevices;
        List<DeviceShapes.Row> rows = [];
        await TurnWork.ForEachAsync(source.Broker.Turn, [], () => source.Observation.Devices.Devices, (DeviceEntry device) => rows.Add(DeviceRows.Of(device, _rows.FactsOf(device), notes.GetValueOrDefault(device.Name))));
        rows.AddRange(NeverSeen());
        return new DeviceSnapshot(source.Broker.Turn.MonotonicMs(), source.NowUnixMs, rows);
    }

    private Task TakeAsync() => TurnWork.ForEachRetainedAsync(source.Broker, "+/+/info", message =>
    {
        source.Observation.Devices.TakeRetained(message);
        return true;
    });
}
