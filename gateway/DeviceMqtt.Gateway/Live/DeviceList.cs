using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// Pages of the list of all devices. What it is filtered and sorted by is looked up when somebody asks, is the same for all who ask within a second,
/// and is written over by the next look. One at a time; safe from any thread.
/// </summary>
internal sealed class DeviceList(ConsoleSource source, DoctorRound doctor)
{
    /// <summary>Rows of a page, where nobody says how many.</summary>
    public const int PageRows = 60;

    /// <summary>Rows of a page at most.</summary>
    public const int PageRowsMax = 200;

    private const long FreshMs = 900;
    private const int SpareShare = 16; // of the keys: devices come one by one
    private readonly DeviceRows _rows = new(source);
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;
    private Task? _retained;
    private long _overtakenMs;

    // Of the one that looks.
    private readonly List<DeviceEntry> _room = [];
    private readonly List<int> _matched = [];
    private DeviceKey[] _keys = [];
    private int _count;
    private DeviceShapes.Facets _facets = new StateCount().ToFacets();
    private IReadOnlyList<string> _groups = [];
    private long _begunMs = long.MinValue / 2;
    private long _madeUnixMs;

    // What they are made of, and those that came of it. Owned by the turn.
    private (UserTable Users, long Devices) _neverOf;
    private IReadOnlyList<DeviceShapes.Row> _never = [];

    public DeviceRows Rows => _rows;

    /// <summary>A page of those that fit.</summary>
    public Task<DeviceShapes.Page> PageAsync(DeviceQuery query, string? sort, int offset, int limit)
    {
        lock (_lock)
        {
            Task<DeviceShapes.Page> mine = PageAsync(_last, query, sort, offset, limit);
            _last = mine;
            return mine;
        }
    }

    /// <summary>Nobody looks any more.</summary>
    public void Forget()
    {
        lock (_lock)
            _last = ForgetAsync(_last);
    }

    /// <summary>A look for the stream is over, and whoever joins from now on is not told what it found: a list that was begun before is too old for it.</summary>
    public void HasBeenOvertaken() => Interlocked.Exchange(ref _overtakenMs, source.Broker.Turn.MonotonicMs());

    /// <summary>What is wrong, and of how many things of each device, by its name.</summary>
    public async Task<(Finding Found, Dictionary<string, int> OfDevices)> NotesAsync()
    {
        Finding found = await doctor.LookAsync();
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (Note note in found.All)
            if (note.Device.Length > 0)
                counts[note.Device] = counts.GetValueOrDefault(note.Device) + 1;
        return (found, counts);
    }

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

    private async Task<DeviceShapes.Page> PageAsync(Task before, DeviceQuery query, string? sort, int offset, int limit)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (source.Broker.Turn.MonotonicMs() - _begunMs >= FreshMs || _begunMs <= Interlocked.Read(ref _overtakenMs))
            await LookAsync();
        _ = _matched.EnsureCapacity(_count);
        for (int i = 0; i < _count; i++)
            if (query.Fits(_keys[i]))
                _matched.Add(i);
        DeviceQuery.Sort(_matched, _keys, sort);
        int matched = _matched.Count;
        int from = Math.Clamp(offset, 0, matched);
        List<int> page = _matched.GetRange(from, Math.Min(limit, matched - from));
        _matched.Clear();
        List<DeviceShapes.Row> rows = TurnWork.Read(source.Broker.Turn, () => JsonBytes.Cut(page.Select(RowOf), JsonBytes.Of, AnswerRoom.ListBytesMax));
        return new DeviceShapes.Page(_count, matched, from, _madeUnixMs, _facets, _groups, rows);
    }

    private async Task LookAsync()
    {
        long begunMs = source.Broker.Turn.MonotonicMs();
        await TakeRetainedAsync();
        Dictionary<string, int> notes = (await NotesAsync()).OfDevices;
        StateCount count = new();
        int keys = 0;
        int devices = TurnWork.Read(source.Broker.Turn, () => source.Observation.Devices.Devices.Count);
        if (_keys.Length < devices)
            Array.Resize(ref _keys, devices + (devices / SpareShare));
        await TurnWork.ForEachAsync(source.Broker.Turn, _room, () => source.Observation.Devices.Devices, (DeviceEntry device) =>
        {
            DeviceFacts facts = _rows.FactsOf(device);
            count.Add(facts.State, facts.Waiting);
            Next(ref keys).Set(device, facts, notes.GetValueOrDefault(device.Name));
        });
        foreach (DeviceShapes.Row never in NeverSeen())
        {
            count.Add(never.State, never.Waiting);
            Next(ref keys).SetNever(never.Name);
        }

        Array.Clear(_keys, keys, Math.Max(0, _count - keys));
        _count = keys;
        _facets = count.ToFacets();
        _groups = GroupsOf(_keys.AsSpan(0, _count));
        (_begunMs, _madeUnixMs) = (begunMs, source.NowUnixMs);
    }

    private DeviceShapes.Row RowOf(int at) => _keys[at].Device is { } device ? _rows.Of(device, _keys[at].Notes) : DeviceRows.OfNever(_keys[at].Name);

    private ref DeviceKey Next(ref int keys)
    {
        if (keys == _keys.Length)
            Array.Resize(ref _keys, keys + (keys / SpareShare) + 1);
        return ref _keys[keys++];
    }

    private static string[] GroupsOf(ReadOnlySpan<DeviceKey> keys)
    {
        HashSet<string> groups = new(StringComparer.Ordinal);
        foreach (ref readonly DeviceKey key in keys)
            if (key.Group.Length > 0)
                _ = groups.Add(key.Group);
        return [.. groups.Order(StringComparer.Ordinal)];
    }

    private async Task ForgetAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        (_keys, _count) = ([], 0);
        _matched.TrimExcess();
        _room.TrimExcess();
        _begunMs = long.MinValue / 2;
    }

    private Task TakeAsync() => TurnWork.ForEachRetainedAsync(source.Broker, "+/+/info", message =>
    {
        source.Observation.Devices.TakeRetained(message);
        return true;
    });
}
