using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// What the devices have said of themselves in their birth messages. Only their own word counts, or that of the gateway below that
/// has them. After a restart it is found again among the retained messages, where a device stands in its own topic. Owned by the turn.
/// </summary>
internal sealed class Births(Ground ground, GatewaysBelow gatewaysBelow, BootTimes times)
{
    // A board of this gateway does not go for one of a gateway below, however long it has been connected: it tells its birth when it connects, and not before the next time.
    private readonly RecentDevices<DeviceBirth> _byClient = new(ground, clientId => gatewaysBelow.Find(clientId) is not null);
    private readonly BirthReader _reader = new();

    /// <summary>
    /// Told of each device with a birth, with the monotonic milliseconds when it is to be back from the sleep that it goes to; <see cref="long.MaxValue"/> where nobody can say, and 0 where it
    /// does not go to sleep.
    /// </summary>
    public Action<string, long>? GoesToSleep { get; set; }

    /// <summary>What a device has said; null for one that is none of ours, or was not here since its birth was lost.</summary>
    public DeviceBirth? Find(string clientId) => _byClient.Find(clientId);

    /// <summary>A client has published a birth message.</summary>
    /// <param name="publisher">Who.</param>
    /// <param name="device">What the topic calls the device.</param>
    /// <param name="payload">The birth.</param>
    public void Note(Session publisher, string device, ReadOnlySpan<byte> payload)
    {
        if (TryRead(payload) && (_reader.ClientId == publisher.ClientId || (publisher.IsBridge && gatewaysBelow.MayTellOf(_reader.ClientId, publisher))))
        {
            Note();
            NoteBoot(device, ground.Turn.NowMs);
            if (publisher.IsBridge && gatewaysBelow.Find(_reader.ClientId) != publisher)
                return; // the board may have left, and does not sleep where it is
            if (_reader.SleepForSeconds > 0)
                GoesToSleep?.Invoke(_reader.ClientId, Later(_reader.SleepForSeconds));
            else if (_reader.SleepUntilSeconds > 0)
                GoesToSleep?.Invoke(_reader.ClientId, ground.Clock.BelievedUnixMs is { } nowUnixMs ? Later(_reader.SleepUntilSeconds - (nowUnixMs / 1000)) : long.MaxValue);
            else
                GoesToSleep?.Invoke(_reader.ClientId, 0); // it may have said so before, and have stayed
        }
    }

    /// <summary>A retained message of a recovery.</summary>
    public void Restore(Message message)
    {
        if (DeviceTopic.Parse(message.Topic) is { Kind: DeviceTopicKind.Info } topic && TryRead(message.Payload) && DeviceTopic.IsOf(_reader.ClientId, topic.Device))
        {
            Note();
            NoteBoot(topic.Device, message.AcceptedMs);
        }
    }

    /// <summary>No device of that name is known here, or to a gateway below, any more.</summary>
    public void Forget(string clientId) => _byClient.Forget(clientId);

    private void NoteBoot(string device, long atMs)
    {
        if (_reader is { HasBootId: true, UpMs: >= 0 })
            times.Note(device, _reader.BootId, _reader.UpMs, atMs);
    }

    // Longer than a century is said by nobody who means it.
    private long Later(long seconds) => ground.Turn.NowMs + (Math.Clamp(seconds, 0, 100L * 365 * 24 * 3600) * 1000);

    private bool TryRead(ReadOnlySpan<byte> payload) => payload.Length <= BirthReader.BytesMax && _reader.TryRead(payload.ToArray(), 0, payload.Length);

    private void Note()
    {
        string clientId = _reader.ClientId;
        List<string> configuring = [];
        for (int i = 0; i < _reader.CommandCount; i++)
            if (_reader.CommandAt(i) is { Class: CommandClass.Configure } form)
                configuring.Add(form.Name);
        DeviceBirth birth = new(_reader.Window, [.. configuring]);
        // Told on each connection, and mostly the same.
        if (Find(clientId) is { } known && known.Window == birth.Window && known.Configuring.AsSpan().SequenceEqual(birth.Configuring))
            _byClient.Touch(clientId);
        else
            _ = _byClient.TrySet(clientId, birth, MemoryCost.Birth(birth.Configuring)); // without memory it is as one that has told none
    }
}
