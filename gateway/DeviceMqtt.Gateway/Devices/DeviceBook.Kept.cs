using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Devices;

/// <content>Which devices are kept, and what routes lead to.</content>
internal sealed partial class DeviceBook
{
    private const int ForgottenForOneMax = 4; // chosen: each that goes gives at least what a new one takes

    // Most routes of a broker are of no device: one object for all of them.
    private static readonly object NoDevice = new();

    private readonly HeardOrder _heard = new();
    private NoPlace _noPlace = new(0, long.MinValue / 2); // of all that found none at about the same time

    private sealed record PresenceNote(string ClientId);

    // Routes keep what they lead to: a device that was forgotten, and is back, is another entry; and one that found no room may find some.
    private object NoteOf(Route route)
    {
        object note = route.Note ??= NoteFor(route.Topic, isHeard: true);
        return note != NoDevice && IsOver(note) ? route.Note = NoteFor(route.Topic, isHeard: true) : note;
    }

    private bool IsOver(object note) => note is NoPlace none ? none.IsOver(Forgotten, turn.NowMs) : EventNote.IsOfForgotten(note);

    private NoPlace FoundNone() => _noPlace.IsOver(Forgotten, turn.NowMs) ? _noPlace = new NoPlace(Forgotten, turn.NowMs) : _noPlace;

    /// <summary>Devices that were forgotten, since the start.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Forgets a device and its readings.</summary>
    public void Remove(DeviceEntry device)
    {
        Forgotten++;
        device.IsForgotten = true;
        _ = _devices.Remove((device.Prefix, device.Name));
        _heard.Remove(device);
        Presences.Remove(device.ClientId);
        Version++;
        budget.Give(device.Bytes);
        foreach (Series series in device.Streams.SelectMany(static s => s.Series))
            budget.Remove(series);
    }

    private object NoteFor(string topic, bool isHeard)
    {
        if (PresenceTopic.TryParse(topic, out string clientId))
            return clientId.Length <= NameCharactersMax ? new PresenceNote(clientId) : NoDevice;
        if (DeviceTopic.Parse(topic) is not { Kind: not DeviceTopicKind.None } parsed)
            return NoDevice;
        if (FindOrAdd(parsed.Prefix, parsed.Device, isHeard) is not { } device)
            return FoundNone();
        if (parsed.Kind == DeviceTopicKind.Info)
            return device;
        if (parsed.Name.Length > NameCharactersMax)
            return NoDevice;
        if (parsed.Kind == DeviceTopicKind.Event)
            return new EventNote(device, parsed.Name);
        if (device.FindStream(parsed.Name) is { } known)
            return known;
        if (device.Streams.Count >= DeviceEntry.StreamsMax)
            return NoDevice;
        if (!TryTakeFor(device, StreamEntry.BytesOf(parsed.Name)))
            return FoundNone();
        StreamEntry stream = new(device, Intern(parsed.Name));
        device.Streams.Add(stream);
        return stream;
    }

    // What was told before this run has nobody forgotten: it is old itself.
    private DeviceEntry? FindOrAdd(string prefix, string name, bool isHeard)
    {
        if (_devices.TryGetValue((prefix, name), out DeviceEntry? device))
            return device;
        long bytes = DeviceEntry.BytesOf(name);
        NotKeptCause? cause = WhyNot(prefix, name, bytes);
        for (int gone = 0; isHeard && cause is NotKeptCause.Devices or NotKeptCause.Memory && gone < ForgottenForOneMax && _heard.Oldest(turn.NowMs, IsConnected) is { } oldest; gone++)
        {
            Remove(oldest);
            cause = WhyNot(prefix, name, bytes);
        }

        if (cause is { } why)
        {
            NotKept.Add(why, turn.NowMs);
            return null;
        }

        device = new DeviceEntry(Intern(prefix), name) { Bytes = bytes };
        _devices.Add((device.Prefix, name), device);
        _heard.Add(device, isHeard);
        Version++;
        return device;
    }

    // Here, or at a gateway below.
    private bool IsConnected(string clientId) => isHere(clientId) || Presences.IsOnline(clientId);

    // Takes the bytes where there is no reason.
    private NotKeptCause? WhyNot(string prefix, string name, long bytes) =>
        prefix.Length > NameCharactersMax || name.Length > NameCharactersMax ? NotKeptCause.LongName
        : _devices.Count >= devicesMax ? NotKeptCause.Devices
        : !budget.TryTake(bytes) ? NotKeptCause.Memory : null;
}
