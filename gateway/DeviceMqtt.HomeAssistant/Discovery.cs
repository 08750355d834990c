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
    private readonly Dictionary<string, long> _bootByState = new(StringComparer.Ordinal); // of the kept states, by topic
    private readonly HashSet<string> _told = new(StringComparer.Ordinal); // states that the device has told since it started, by topic

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

    /// <summary>A state that is kept already.</summary>
    public void SeeState(string topic, ReadOnlySpan<byte> kept)
    {
        if (StateText.BootOf(kept) is { } boot)
            _bootByState[topic] = boot;
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
        return _told.Contains(topics.State(device.Name, source)) || resultJson.Length == 0 || !device.Announcement.StateEvents.Contains(source) ? [] : Keep(device, source, Encoding.UTF8.GetBytes(resultJson));
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
        foreach (string state in StatesOf(device.Name).Where(state => !device.Announcement.StateEvents.Contains(state[topics.State(device.Name, "").Length..])))
            yield return Drop(state);

        // After a start of the board nobody knows how its outputs are.
        foreach (string eventName in device.Announcement.StateEvents)
            if (_bootByState.TryGetValue(topics.State(device.Name, eventName), out long boot) && boot != device.Boot)
            {
                _ = _told.Remove(topics.State(device.Name, eventName));
                foreach (Telling telling in Keep(device, eventName, [], isKnown: false))
                    yield return telling;
            }
    }

    private List<Telling> Keep(AnnouncedDevice device, string eventName, ReadOnlySpan<byte> told, bool isKnown = true)
    {
        if (StateText.Of(told, device.Boot) is not { } state)
            return [];
        string topic = topics.State(device.Name, eventName);
        _bootByState[topic] = device.Boot;
        if (isKnown)
            _ = _told.Add(topic);
        return [new Telling(topic, Encoding.UTF8.GetBytes(state))];
    }

    private IEnumerable<Telling> Remove(AnnouncedDevice device)
    {
        _ = _hashByTopic.Remove(topics.Config(device.Name));
        yield return new Telling(topics.Config(device.Name), Nothing);
        _ = _componentsByTopic.Remove(topics.Config(device.Name));
        foreach (string state in StatesOf(device.Name))
            yield return Drop(state);
    }

    private string[] StatesOf(string device) => [.. _bootByState.Keys.Where(topic => topic.StartsWith(topics.State(device, ""), StringComparison.Ordinal))];

    private Telling Drop(string state)
    {
        _ = _told.Remove(state);
        _ = _bootByState.Remove(state);
        return new Telling(state, Nothing);
    }
}
