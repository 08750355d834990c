using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// What the devices have said of themselves in their birth messages. Only their own word counts, or that of the gateway below that
/// has them. After a restart it is found again among the retained messages, where a device stands in its own topic. Owned by the turn.
/// </summary>
internal sealed class Births(GatewayLimits limits, GatewaysBelow gatewaysBelow)
{
    private readonly Dictionary<string, DeviceBirth> _byClient = new(StringComparer.Ordinal);
    private readonly BirthReader _reader = new();

    /// <summary>What a device has said; null for one that is none of ours, or was not here since its birth was lost.</summary>
    public DeviceBirth? Find(string clientId) => _byClient.GetValueOrDefault(clientId);

    /// <summary>A client has published a birth message.</summary>
    public void Note(Session publisher, ReadOnlySpan<byte> payload)
    {
        if (TryRead(payload) && (_reader.ClientId == publisher.ClientId || (publisher.IsBridge && gatewaysBelow.Find(_reader.ClientId) == publisher)))
            Note();
    }

    /// <summary>A retained message of a recovery.</summary>
    public void Restore(Message message)
    {
        if (DeviceTopic.Parse(message.Topic) is { Kind: DeviceTopicKind.Info } topic && TryRead(message.Payload) && IsOf(_reader.ClientId, topic.Device))
            Note();
    }

    public void Forget(string clientId) => _byClient.Remove(clientId);

    /// <summary>Whether a device is called this in its topics: by its Client Identifier, or by the part of it behind the group.</summary>
    public static bool IsOf(string clientId, string device) =>
        clientId == device || (ClientId.TrySplitGroup(clientId, out _, out string inGroup) && inGroup == device);

    private bool TryRead(ReadOnlySpan<byte> payload) => payload.Length <= BirthReader.BytesMax && _reader.TryRead(payload.ToArray(), 0, payload.Length);

    private void Note()
    {
        string clientId = _reader.ClientId;
        // As many as there may be known devices, and they are forgotten with them; those of gateways below are not among these.
        if (_byClient.Count >= limits.KnownDevicesMax && !_byClient.ContainsKey(clientId))
            return;
        List<string> configuring = [];
        for (int i = 0; i < _reader.CommandCount; i++)
            if (_reader.CommandAt(i) is { Class: CommandClass.Configure } form)
                configuring.Add(form.Name);
        DeviceBirth birth = new(_reader.Window, [.. configuring]);
        // Told on each connection, and mostly the same.
        if (Find(clientId) is not { } known || known.Window != birth.Window || !known.Configuring.AsSpan().SequenceEqual(birth.Configuring))
            _byClient[clientId] = birth;
    }
}
