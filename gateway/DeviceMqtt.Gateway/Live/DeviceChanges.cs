using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// What is different of all devices since the look before. Each device has what was told of it, and that is written over: rows are made only of
/// those whose state is another, and of those in view that have spoken. One look at a time.
/// </summary>
internal sealed class DeviceChanges(ConsoleSource source, DeviceList list)
{
    private const int SpareMin = 1_000; // chosen: as many names that come and go are no matter
    private const int SpareShare = 16;
    private readonly List<DeviceEntry> _room = [];
    private IReadOnlyList<DeviceShapes.Row> _never = [];
    private int _known;
    private long _forgotten;
    private DeviceTold[] _told = [];
    private int _toldCount; // with those of devices that are gone

    /// <summary>Looks at each of them.</summary>
    /// <param name="isFirst">Nobody was told anything yet: all ask for the whole list when this look is over.</param>
    public async Task<ChangesFound> LookAsync(bool isFirst)
    {
        await list.TakeRetainedAsync();
        (Finding found, Dictionary<string, int> ofDevices) = await list.NotesAsync();
        List<DeviceShapes.Row> states = [];
        StateCount count = new();
        int devices = 0;
        // Devices came and went while a page was open: those that stayed are told anew, in as much room as they need.
        bool isAnew = _toldCount > (2 * _known) + SpareMin;
        if (isAnew)
            await ForgetToldAsync();
        await TurnWork.ForEachAsync(source.Broker.Turn, _room, () => source.Observation.Devices.Devices, (DeviceEntry device) =>
        {
            devices++;
            DeviceFacts facts = list.Rows.FactsOf(device);
            int noteCount = ofDevices.GetValueOrDefault(device.Name);
            count.Add(facts.State, facts.Waiting);
            if (Tell(device, facts, noteCount) && !isFirst && !isAnew)
                states.Add(DeviceRows.Of(device, facts, noteCount));
        });
        // Not by their number: one that came and went between two looks may have been seen by a page that asked meanwhile.
        long forgotten = TurnWork.Read(source.Broker.Turn, () => source.Observation.Devices.Forgotten);
        bool hasGone = isAnew || forgotten != _forgotten;
        (_known, _forgotten) = (devices, forgotten);
        hasGone |= LookAtNever(states, count, isFirst);
        list.HasBeenOvertaken();
        return new ChangesFound(states, count.ToFacets(), found.Notes, hasGone && !isFirst);
    }

    /// <summary>Rows of devices that have spoken, of those that a page has in view. Inside a turn.</summary>
    public IReadOnlyList<DeviceShapes.Row> SpokenOf(StreamView view)
    {
        List<DeviceShapes.Row> rows = [];
        foreach ((string prefix, string name) in view.Devices)
            if (source.Observation.Devices.Find(prefix, name) is { ToldAt: > 0 } device && _told[device.ToldAt - 1] is { HasSpoken: true } told)
                rows.Add(list.Rows.Of(device, told.Notes));
        return rows;
    }

    /// <summary>Nobody listens any more.</summary>
    public async Task ForgetAsync()
    {
        await ForgetToldAsync();
        _room.TrimExcess();
        list.Forget();
        (_known, _never) = (0, []);
    }

    private async Task ForgetToldAsync()
    {
        await TurnWork.ForEachAsync(source.Broker.Turn, _room, () => source.Observation.Devices.Devices, static (DeviceEntry device) => device.ToldAt = 0);
        (_told, _toldCount) = ([], 0);
    }

    // Those that are to come, and their names: a name that is in neither any more was removed.
    private bool LookAtNever(List<DeviceShapes.Row> states, StateCount count, bool isFirst)
    {
        IReadOnlyList<DeviceShapes.Row> never = list.NeverSeen();
        foreach (DeviceShapes.Row row in never)
            count.Add(row.State, row.Waiting);
        if (ReferenceEquals(never, _never))
            return false;
        HashSet<string> before = [.. _never.Select(static row => row.Name)];
        if (!isFirst)
            states.AddRange(never.Where(row => !before.Contains(row.Name)));
        before.ExceptWith(never.Select(static row => row.Name));
        _never = never;
        return before.Count > 0 && TurnWork.Read(source.Broker.Turn, () => before.Any(name => source.Observation.Devices.Find(Wire.DeviceTopic.DefaultPrefix, name) is null));
    }

    /// <returns>True when its state is another.</returns>
    private bool Tell(DeviceEntry device, in DeviceFacts facts, int notes)
    {
        bool isNew = device.ToldAt == 0;
        if (isNew)
            device.ToldAt = TakeRoom();
        ref DeviceTold told = ref _told[device.ToldAt - 1];
        bool isOther = isNew || facts.IsOther(told.Facts) || told.Notes != notes || told.Firmware != device.Firmware || told.ClientId != device.ClientId;
        told.HasSpoken = !isOther && told.HeardUnixMs != device.HeardUnixMs;
        (told.Facts, told.Notes, told.Firmware, told.ClientId, told.HeardUnixMs) = (facts, notes, device.Firmware, device.ClientId, device.HeardUnixMs);
        return isOther;
    }

    private int TakeRoom()
    {
        if (_toldCount == _told.Length)
            Array.Resize(ref _told, Math.Max(source.Observation.Devices.Devices.Count, _toldCount + (_toldCount / SpareShare) + 1));
        return ++_toldCount;
    }
}
