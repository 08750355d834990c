using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Devices;

/// <summary>
/// All devices that the gateway has heard of, with their recent readings and events. Told of each message of their topics; a payload is read
/// at most some times a second for each stream, so that nothing here costs much however fast messages come. Where there is no room for another device, the one that was
/// heard longest ago is forgotten (<see cref="HeardOrder"/>). Owned by the turn.
/// </summary>
internal sealed partial class DeviceBook(ReadingsBudget budget, WallClock clock, Turn turn, int devicesMax, Func<string, bool> isHere)
{
    /// <summary>Bytes of an event that are kept.</summary>
    public const int EventBytesMax = 512;

    /// <summary>Bytes of a payload that is read.</summary>
    public const int PayloadBytesMax = 4_096;

    // Chosen: a chart does not show more, and ten a second of each of 1,000 boards are 1 % of a core.
    private const int ReadIntervalMs = 100;
    private const int MissingMax = 100_000; // a larger step is another count, and no loss
    private readonly Dictionary<(string Prefix, string Name), DeviceEntry> _devices = [];
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
    private readonly FlatJsonReader _reader = new();
    private readonly TelemetryHeader _header = new();
    private readonly BirthReader _birth = new();
    private readonly byte[] _payload = new byte[PayloadBytesMax];
    private readonly long _beganMs = turn.MonotonicMs();
    private long _lastEvent;

    public IReadOnlyCollection<DeviceEntry> Devices => _devices.Values;

    public ReadingsBudget Budget => budget;

    /// <summary>Whether devices that are behind gateways below are there.</summary>
    public ToldPresences Presences { get; } = new(budget, clock, devicesMax);

    /// <summary>Another number when a device has come or was forgotten.</summary>
    public long Version { get; private set; }

    /// <summary>Devices that are not kept.</summary>
    public NotKeptDevices NotKept { get; } = new();

    public DeviceEntry? Find(string prefix, string name) => _devices.GetValueOrDefault((prefix, name));

    /// <summary>A message is about to be routed.</summary>
    public void Take(ref Publication publication)
    {
        // What the gateway itself tells has a topic for each client, and a route that is made anew each time.
        if (publication.Route.Note is null && publication.Origin != Origin.Gateway)
            NewTopics.Add(publication.Route.Topic, turn.NowMs);
        switch (NoteOf(publication.Route))
        {
            case StreamEntry stream: TakeTelemetry(stream, publication); break;
            case EventNote note: TakeEvent(note, publication); break;
            case DeviceEntry device: TakeBirth(device, ref publication); break;
            case PresenceNote presence: Presences.Take(presence.ClientId, publication); break;
        }
    }

    /// <summary>A birth that was retained before the gateway started, or before somebody looked.</summary>
    public void TakeRetained(Message message)
    {
        if (DeviceTopic.Parse(message.Topic) is { Kind: DeviceTopicKind.Info } topic && FindOrAdd(topic.Prefix, topic.Device, isHeard: false) is { Birth: null } device)
            Read(device, message, publisher: null, isNew: false);
    }

    /// <summary>A telemetry payload of before the gateway started. Only readings are made of it: no loss is counted, and nothing looks as if it were new.</summary>
    /// <returns>False when it is none that is understood.</returns>
    public bool TakeOld(string topic, ReadOnlySpan<byte> payload, long acceptedUnixMs)
    {
        if (payload.Length > PayloadBytesMax || NoteFor(topic, isHeard: false) is not StreamEntry stream)
            return false;
        payload.CopyTo(_payload);
        if (!_header.TryRead(_reader, _payload, 0, payload.Length))
            return false;
        long nowUnixMs = clock.NowUnixMs;
        // Of a run whose clock was ahead, or too old for any chart.
        if (acceptedUnixMs > nowUnixMs + ClockAheadMaxMs || acceptedUnixMs < nowUnixMs - Series.MinutesMs)
            return false;
        long unixMs = _header.HasTime && (long)(_header.TimeSeconds * 1000) is >= WallClock.EarliestUnixMs and var told ? Math.Min(told, acceptedUnixMs) : acceptedUnixMs;
        _heard.Heard(stream.Device);
        stream.Device.HeardMs = Math.Max(stream.Device.HeardMs, clock.NowMs - (nowUnixMs - acceptedUnixMs));
        stream.Device.HeardUnixMs = Math.Max(stream.Device.HeardUnixMs, acceptedUnixMs);
        stream.Came(unixMs, _header.IsLate, nowUnixMs);
        AddReadings(stream, payload.Length, unixMs, nowUnixMs);
        return true;
    }

    /// <summary>The birth of a device in full, for one who looks at it.</summary>
    public BirthReader? ReadBirth(DeviceEntry device) =>
        device.Birth is { Payload: { } payload } && _birth.TryRead(payload, 0, payload.Length) ? _birth : null;

    /// <summary>Topics that are new.</summary>
    public NewTopics NewTopics { get; } = new(turn.MonotonicMs());

    private void TakeTelemetry(StreamEntry stream, in Publication publication)
    {
        long nowMs = turn.NowMs;
        if (nowMs - stream.ReadMs < ReadIntervalMs || publication.Payload.Length > PayloadBytesMax)
        {
            // Its number is not known: the next one tells nothing about a loss.
            stream.Sequence = 0;
            return;
        }

        stream.ReadMs = nowMs;
        publication.Payload.CopyTo(_payload);
        if (!_header.TryRead(_reader, _payload, 0, publication.Payload.Length))
            return;
        DeviceEntry device = stream.Device;
        long nowUnixMs = clock.NowUnixMs;
        long unixMs = TimeOf(device, nowUnixMs, out bool isGuessed);
        stream.IsTimeGuessed = isGuessed;
        Heard(device, publication, nowUnixMs);
        Count(stream, _header.Sequence, nowMs);
        stream.Came(unixMs, _header.IsLate, nowUnixMs);
        AddReadings(stream, publication.Payload.Length, unixMs, nowUnixMs);
    }

    private void AddReadings(StreamEntry stream, int length, long unixMs, long nowUnixMs)
    {
        _reader.Start(_payload, 0, length);
        while (_reader.Read())
            if (_reader.TryGetDouble(out double value) && double.IsFinite(value) && !IsHeader())
                SeriesFor(stream)?.Add(unixMs, value, _header.IsLate, nowUnixMs);
    }

    private bool IsHeader() =>
        _reader.NameIs(TelemetryField.Sequence) || _reader.NameIs(TelemetryField.Time) || _reader.NameIs(TelemetryField.UpMs) || _reader.NameIs(TelemetryField.BootId) || _reader.NameIs(TelemetryField.Late);

    private Series? SeriesFor(StreamEntry stream)
    {
        foreach (Series series in stream.Series)
            if (_reader.NameIs(series.Name))
                return series;
        if (stream.Series.Count >= StreamEntry.SeriesMax || !budget.HasRoomForSeries || _reader.GetName() is not { Length: <= NameCharactersMax } name)
            return null;
        Series added = new(Intern(name), budget);
        stream.Series.Add(added);
        if (ReadBirth(stream.Device) is not null)
            SetUnits(stream.Device);
        return added;
    }

    private static void Count(StreamEntry stream, long sequence, long nowMs)
    {
        DeviceEntry device = stream.Device;
        device.Count(sequence != 0 && sequence == stream.Sequence, nowMs);
        if (sequence == 0)
            return;
        long missing = stream.Sequence == 0 ? 0 : sequence - stream.Sequence - 1;
        if (missing is > 0 and < MissingMax)
            device.Lost += missing;
        stream.Sequence = sequence;
    }

    // Which wall time a payload is of: its own, or what boot and birth make of "up", or now.
    private long TimeOf(DeviceEntry device, long nowUnixMs, out bool isGuessed)
    {
        isGuessed = !_header.HasTime;
        if (_header.HasTime)
        {
            long told = (long)(_header.TimeSeconds * 1000);
            device.HasClockWrong = told < WallClock.EarliestUnixMs;
            // A board without a clock, or one that is ahead of us: a chart ends now.
            if (told >= WallClock.EarliestUnixMs && told <= nowUnixMs + (ClockAheadMaxMs))
                return Math.Min(told, nowUnixMs);
            isGuessed = true;
            return nowUnixMs;
        }

        if (_header.HasUp && device.BootUnixMs > 0 && device.BootId == _header.BootId)
            return Math.Min(nowUnixMs, device.BootUnixMs + _header.UpMs);
        return nowUnixMs;
    }

    private const long ClockAheadMaxMs = 60_000;

    private void TakeEvent(EventNote note, in Publication publication)
    {
        int length = Math.Min(publication.Payload.Length, EventBytesMax);
        long nowUnixMs = clock.NowUnixMs;
        long unixMs = nowUnixMs;
        bool isLate = false;
        if (publication.Payload.Length <= PayloadBytesMax)
        {
            publication.Payload.CopyTo(_payload);
            if (_header.TryRead(_reader, _payload, 0, publication.Payload.Length))
            {
                unixMs = TimeOf(note.Device, nowUnixMs, out _);
                isLate = _header.IsLate;
            }
        }

        Heard(note.Device, publication, nowUnixMs);
        Add(note.Device, new DeviceEvent(++_lastEvent, unixMs, note.Name, publication.Payload[..length].ToArray(), isLate));
    }

    private void TakeBirth(DeviceEntry device, ref Publication publication)
    {
        Heard(device, publication, clock.NowUnixMs);
        if (publication.Payload.Length == 0)
            KeepBirth(device, null); // somebody has removed it
        else
            Read(device, publication.Hold(), publication.Publisher?.ClientId, isNew: true);
    }

    private void Read(DeviceEntry device, Message message, string? publisher, bool isNew)
    {
        if (!_birth.TryRead(message.Payload, 0, message.Payload.Length))
            return;
        long nowUnixMs = isNew ? clock.NowUnixMs : message.AcceptedUnixMs;
        // The first birth since the gateway started tells nothing of a start, unless the board has booted since.
        bool hasBootedSince = device.BootId is not null || (_birth.UpMs >= 0 && _birth.UpMs < turn.NowMs - _beganMs);
        bool isStart = isNew && _birth.HasBootId && device.BootId != _birth.BootId && hasBootedSince;
        KeepBirth(device, message);
        // Its own word: a board that says it is another would be sent that one's commands by its page.
        bool isBelieved = _birth.ClientId.Length <= NameCharactersMax && (_birth.ClientId == publisher || DeviceTopic.IsOf(_birth.ClientId, device.Name));
        device.ClientId = isBelieved ? _birth.ClientId : publisher is not null && DeviceTopic.IsOf(publisher, device.Name) ? publisher : "";
        device.Firmware = Intern(_birth.Firmware);
        device.Board = Intern(_birth.Board);
        device.ResetCause = Intern(_birth.ResetCause);
        device.BootId = _birth.HasBootId ? _birth.BootId : null;
        device.BootUnixMs = nowUnixMs > 0 && _birth.UpMs >= 0 ? nowUnixMs - _birth.UpMs : 0;
        device.SleepUntilUnixMs = _birth.SleepUntilSeconds > 0 ? _birth.SleepUntilSeconds * 1000
            : _birth.SleepForSeconds > 0 && nowUnixMs > 0 ? nowUnixMs + (_birth.SleepForSeconds * 1000) : 0;
        device.SleepMs = nowUnixMs > 0 ? Math.Max(0, device.SleepUntilUnixMs - nowUnixMs) : 0;
        device.FailedSensors = _birth.FailedCount;
        SetUnits(device);
        if (!isStart)
            return;
        if (device.HasTimesOfStarts || TryTakeFor(device, DeviceEntry.StartsBytes))
            device.Started(turn.NowMs, device.ResetCause == "brownout");
        foreach (StreamEntry stream in device.Streams)
            stream.Sequence = 0; // counted anew with each boot
        Add(device, new DeviceEvent(++_lastEvent, nowUnixMs, "start", System.Text.Encoding.UTF8.GetBytes(device.ResetCause), IsLate: false));
    }

    // Of the birth that was read last, which is this device's.
    private void SetUnits(DeviceEntry device)
    {
        for (int i = 0; i < _birth.StreamCount; i++)
        {
            BirthStream told = _birth.StreamAt(i);
            if (device.FindStream(told.Name) is not { } stream)
                continue;
            for (int m = 0; m < told.MetricCount; m++)
                if (stream.Find(told.MetricAt(m)) is { } series)
                    series.Unit = Intern(told.UnitAt(m));
        }
    }

    // An event finds room before the oldest of the same device.
    private void Add(DeviceEntry device, DeviceEvent told)
    {
        while (device.Events.Count >= DeviceEntry.EventsMax && device.TryForgetOldest(out DeviceEvent? oldest))
            GiveOf(device, oldest.Bytes);
        while (!TryTakeFor(device, told.Bytes))
        {
            if (!device.TryForgetOldest(out DeviceEvent? oldest))
                return;
            GiveOf(device, oldest.Bytes);
        }

        device.Add(told);
    }

    // It may be retained as well: then it is counted there, too.
    private void KeepBirth(DeviceEntry device, Message? birth)
    {
        if (device.Birth is { } before)
            GiveOf(device, before.Bytes);
        device.Birth = birth is not null && TryTakeFor(device, birth.Bytes) ? birth : null;
    }

    private bool TryTakeFor(DeviceEntry device, long bytes)
    {
        bool hasRoom = budget.TryTake(bytes);
        device.Bytes += hasRoom ? bytes : 0;
        return hasRoom;
    }

    private void GiveOf(DeviceEntry device, long bytes)
    {
        budget.Give(bytes);
        device.Bytes -= bytes;
    }

    private void Heard(DeviceEntry device, in Publication publication, long nowUnixMs)
    {
        _heard.Heard(device);
        (device.HeardMs, device.HeardUnixMs) = (publication.NowMs, nowUnixMs);
        if (device.ClientId.Length == 0 && publication.Publisher is { } publisher)
            device.ClientId = publisher.ClientId;
    }

    // The same few words of all devices, once.
    private string Intern(string word)
    {
        if (word.Length > NameCharactersMax)
            word = word[..NameCharactersMax];
        if (_words.TryGetValue(word, out string? known))
            return known;
        if (_words.Count < WordsMax)
            _words.Add(word, word);
        return word;
    }

    private const int WordsMax = 1_000;

    // Of a device, a stream, an event, a word of a birth. Chosen: what a person still reads; a Topic Name may have 65,535.
    private const int NameCharactersMax = 256;
}
