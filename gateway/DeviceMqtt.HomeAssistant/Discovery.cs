using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Wire;

namespace DeviceMqtt.HomeAssistant;

/// <summary>
/// What Home Assistant knows, and what has to be published when a device tells something. Knows topics and texts, and no connection. One caller at a
/// time.
/// </summary>
/// <param name="topics">Where everything is.</param>
/// <param name="gateway">The name of this gateway.</param>
/// <param name="devicesMax">Most devices that are announced.</param>
internal sealed class Discovery(DiscoveryTopics topics, string gateway, int devicesMax)
{
    private static readonly byte[] Nothing = [];
    private readonly BirthReader _birth = new();
    private readonly Dictionary<string, AnnouncedDevice> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _hashByTopic = new(StringComparer.Ordinal); // of the documents that are there
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _componentsByTopic = new(StringComparer.Ordinal); // of the documents that were there last, with their platforms
    private readonly Dictionary<string, Dictionary<string, KeptState>> _statesByDevice = new(StringComparer.Ordinal); // by the names of their events

    // Chosen: of what was there before. A board has a few, and beyond so many somebody else publishes there.
    private const int StatesMax = 64;

    /// <param name="Boot">Of which start of the board it is.</param>
    /// <param name="IsTold">The device has told it since it started.</param>
    private readonly record struct KeptState(long Boot, bool IsTold);

    /// <summary>Whether a device is one too many.</summary>
    public bool IsFullFor(string device) => _devices.Count >= devicesMax && !_devices.ContainsKey(device);

    /// <summary>All documents are to be published again.</summary>
    public void Forget() => _hashByTopic.Clear();

    /// <summary>What was to be published is not there.</summary>
    public void Forget(string topic) => _ = _hashByTopic.Remove(topic);

    /// <summary>A document that is there already, of this gateway or another's.</summary>
    /// <param name="topic">Where.</param>
    /// <param name="json">Empty when there is none any more.</param>
    /// <param name="isWanted">There is a device for it.</param>
    /// <returns>What to publish: nothing, or its removal where it is ours and its device is gone.</returns>
    public IEnumerable<Telling> SeeDocument(string topic, ReadOnlySpan<byte> json, Func<string, bool> isWanted)
    {
        if (json.IsEmpty)
        {
            _ = _hashByTopic.Remove(topic);
            _ = _componentsByTopic.Remove(topic);
            return [];
        }

        if (DocumentText.OriginOf(json) != DiscoveryDocument.Origin + gateway)
            return [];
        if (!isWanted(topic))
            return [new Telling(topic, Nothing)];
        _hashByTopic[topic] = SHA256.HashData(json);
        _componentsByTopic[topic] = DocumentText.ComponentsOf(json);
        return [];
    }

    /// <summary>A state that is kept already, or is not kept any more.</summary>
    /// <param name="topic">Where.</param>
    /// <param name="kept">Empty when there is none any more.</param>
    /// <param name="isWanted">There is a device for the document on a topic. States of others are another gateway's.</param>
    public void SeeState(string topic, ReadOnlySpan<byte> kept, Func<string, bool> isWanted)
    {
        if (DeviceTopic.Parse(topic) is not { Kind: DeviceTopicKind.Event, Device: var device, Name: var eventName })
            return;
        if (kept.IsEmpty)
            ForgetState(device, eventName);
        else if ((_devices.ContainsKey(device) || isWanted(topics.Config(device))) && StateText.BootOf(kept) is { } boot && (StateOf(device, eventName) is not null || CountOf(device) < StatesMax))
            Note(device, eventName, new KeptState(boot, StateOf(device, eventName)?.IsTold ?? false));
    }

    /// <summary>A device has told its birth, or its birth is gone.</summary>
    /// <param name="device">What its topics call it.</param>
    /// <param name="payload">As it came.</param>
    /// <param name="nowSeconds">Epoch seconds when the device has told it; null where nobody knows.</param>
    /// <returns>What to publish.</returns>
    public IEnumerable<Telling> SeeBirth(string device, byte[] payload, double? nowSeconds)
    {
        if (payload.Length == 0)
            return _devices.Remove(device, out AnnouncedDevice? gone) ? Remove(gone) : [];
        // A board that says it is another would have that one do what it is told by Home Assistant.
        if (!_birth.TryRead(payload, 0, payload.Length) || !ClientId.IsAddressable(_birth.ClientId) || !DeviceTopic.IsOf(_birth.ClientId, device))
            return [];
        double bootedAt = nowSeconds is { } now && _birth.UpMs >= 0 ? now - (_birth.UpMs / 1000.0) : 0;
        AnnouncedDevice known = new(device, _birth.ClientId, _birth.HasBootId ? _birth.BootId : 0, bootedAt, DiscoveryDocument.Write(_birth, device, topics, gateway));
        _devices[device] = known;
        return Announce(known);
    }

    /// <summary>A device has told an event.</summary>
    /// <returns>What to publish: the state that it shows, if a control shows it.</returns>
    public IEnumerable<Telling> SeeEvent(string device, string eventName, ReadOnlySpan<byte> payload)
    {
        if (!_devices.TryGetValue(device, out AnnouncedDevice? known) || !known.Announcement.StateEvents.Contains(eventName))
            return [];
        (long? boot, double? seconds) = StateText.AgeOf(payload);
        return known.IsOfThisBoot(boot, seconds) ? Keep(known, eventName, payload) : [];
    }

    /// <summary>A device has done what Home Assistant wanted, and said in its answer how things are.</summary>
    /// <returns>What to publish: the state, where no event has told it since the device has started.</returns>
    public IEnumerable<Telling> SeeAnswer(AnnouncedDevice device, Control control, string resultJson)
    {
        string state = control.Argument?.State ?? "";
        string source = state[..Math.Max(0, state.LastIndexOf('.'))];
        return StateOf(device.Name, source) is { IsTold: true } || resultJson.Length == 0 || !device.Announcement.StateEvents.Contains(source) ? [] : Keep(device, source, Encoding.UTF8.GetBytes(resultJson));
    }

    /// <summary>Which control of which device a topic is.</summary>
    public (AnnouncedDevice Device, Control Control)? Find(string topic)
    {
        string[] levels = topic.Split('/', 4);
        return levels.Length == 4 && levels[0] == topics.Base && levels[2] == "cmd"
            && _devices.TryGetValue(levels[1], out AnnouncedDevice? device) && device.Controls.TryGetValue(levels[3], out Control? control) ? (device, control) : null;
    }

    private IEnumerable<Telling> Announce(AnnouncedDevice device)
    {
        string topic = topics.Config(device.Name);
        byte[] hash = SHA256.HashData(device.Announcement.Json);
        if (!_hashByTopic.TryGetValue(topic, out byte[]? there) || !there.AsSpan().SequenceEqual(hash))
        {
            _hashByTopic[topic] = hash;
            // Home Assistant lets an entity go that a document has with nothing but its platform; one that is left out stays as it was.
            if (_componentsByTopic.TryGetValue(topic, out IReadOnlyDictionary<string, string>? before) && before.Where(c => !device.Announcement.Components.ContainsKey(c.Key)).ToArray() is { Length: > 0 } gone)
                yield return new Telling(topic, DocumentText.With(device.Announcement.Json, gone));
            yield return new Telling(topic, device.Announcement.Json);
        }

        _componentsByTopic[topic] = device.Announcement.Components;
        foreach (string eventName in StatesOf(device.Name).Where(eventName => !device.Announcement.StateEvents.Contains(eventName)))
            yield return Drop(device.Name, eventName);

        // After a start of the board nobody knows how its outputs are.
        foreach (string eventName in device.Announcement.StateEvents)
            if (StateOf(device.Name, eventName) is { } state && state.Boot != device.Boot)
                foreach (Telling telling in Keep(device, eventName, [], isKnown: false))
                    yield return telling;
    }

    private List<Telling> Keep(AnnouncedDevice device, string eventName, ReadOnlySpan<byte> told, bool isKnown = true)
    {
        if (StateText.Of(told, device.Boot) is not { } state)
            return [];
        Note(device.Name, eventName, new KeptState(device.Boot, isKnown));
        return [new Telling(topics.State(device.Name, eventName), Encoding.UTF8.GetBytes(state))];
    }

    private IEnumerable<Telling> Remove(AnnouncedDevice device)
    {
        _ = _hashByTopic.Remove(topics.Config(device.Name));
        yield return new Telling(topics.Config(device.Name), Nothing);
        _ = _componentsByTopic.Remove(topics.Config(device.Name));
        foreach (string eventName in StatesOf(device.Name))
            yield return Drop(device.Name, eventName);
    }

    private KeptState? StateOf(string device, string eventName) =>
        _statesByDevice.TryGetValue(device, out Dictionary<string, KeptState>? states) && states.TryGetValue(eventName, out KeptState state) ? state : null;

    private int CountOf(string device) => _statesByDevice.GetValueOrDefault(device)?.Count ?? 0;

    private string[] StatesOf(string device) => _statesByDevice.TryGetValue(device, out Dictionary<string, KeptState>? states) ? [.. states.Keys] : [];

    private void Note(string device, string eventName, KeptState state)
    {
        if (!_statesByDevice.TryGetValue(device, out Dictionary<string, KeptState>? states))
            _statesByDevice.Add(device, states = new Dictionary<string, KeptState>(StringComparer.Ordinal));
        states[eventName] = state;
    }

    private void ForgetState(string device, string eventName)
    {
        if (_statesByDevice.TryGetValue(device, out Dictionary<string, KeptState>? states) && states.Remove(eventName) && states.Count == 0)
            _ = _statesByDevice.Remove(device);
    }

    private Telling Drop(string device, string eventName)
    {
        ForgetState(device, eventName);
        return new Telling(topics.State(device, eventName), Nothing);
    }
}
