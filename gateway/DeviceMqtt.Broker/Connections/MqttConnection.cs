using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// One network connection: what is known of it. Reading is <see cref="ConnectionLoop"/>, meaning is in the receivers, and
/// how packets leave is in <see cref="ClientLink"/>. Owned by the turn.
/// </summary>
internal sealed partial class MqttConnection(long id, EndPoint? remote, PipeReader input, ConnectionOutput output, ITransport transport)
    : ClientLink(output)
{
    /// <summary>Bytes that a transport may have read while it is not read from.</summary>
    public const int ReadAheadBytes = 64 * 1024;

    // Chosen: 100 bytes a second, which the slowest mobile network has. Who sends a byte now and then gains nothing by it.
    private const int UnfinishedMsPerByte = 10;

    private List<ISlowReader>? _heldBackBy;
    private long? _heldBackSinceMs; // null while nobody waits for them
    private const int LikeAllBytes = 16 * 1024; // chosen: the Session of a board with its subscriptions, and what is on its way to it
    private const int LightMs = 1_000;
    private const int LightMessagesMax = 50; // chosen: more than a board has readings in a second
    private const int LightBytesMax = 64 * 1024;
    private long _lightSinceMs;
    private int _lightMessages;
    private int _lightBytes;
    private long _bytesTaken;
    private DiskTurn? _diskTurn; // while one of its packets waits to be written, and while it may be
    private TurnSignal _closed;
    private long _spentUs; // of turns that its owner was not charged yet
    private Owner? _waitsWith; // whose time has to be paid before it is read again

    /// <summary>Counts up from the start of the gateway; names the connection in the log.</summary>
    public long Id { get; } = id;

    public override EndPoint? Remote { get; } = remote;

    /// <summary>The address that it comes from.</summary>
    public required Owner Address { get; init; }

    /// <summary>Who answers for what it makes the gateway keep: its address, and from CONNECT on its user, if it has one.</summary>
    public Owner Owner { get; private set; } = null!;

    /// <summary>What it makes the gateway keep in memory while it lasts.</summary>
    public required Account Memory { get; init; }

    /// <summary>Bytes of memory that it takes itself, whatever its client does.</summary>
    public required int RestBytes { get; init; }

    /// <summary>Bytes that it makes the gateway keep beside itself and that are free when it ends; 0 where they are no more than those of a board.</summary>
    public long BesideBytes
    {
        get
        {
            long bytes = Memory.Used - RestBytes + (Session is { ExpirySeconds: 0 } session && session.Connection == this ? session.Holdings.Memory.Used : 0);
            return bytes > LikeAllBytes ? bytes : 0;
        }
    }

    /// <summary>It was closed so that others find room, and so much counts as given back by now (<see cref="RichConnections"/>).</summary>
    public long ComingBytes { get; set; }

    /// <summary>It was opened although there is no room: its CONNECT is refused, or finds some by then.</summary>
    public bool IsBeyond { get; set; }

    /// <summary>A whole packet of it waits for the disk.</summary>
    public bool WaitsForDisk
    {
        get;
        set
        {
            if (field == value)
                return;
            field = value;
            Owner.WaitForDisk += value ? 1 : -1;
        }
    }

    /// <inheritdoc cref="Owner.WhenMayWrite"/>
    public Task WhenMayWrite(DurableGate gate, int bytes) => Owner.WhenMayWrite(gate, bytes, ref _diskTurn);

    /// <inheritdoc cref="Owner.LeaveLine"/>
    public void LeaveDiskLine(DurableGate gate) => Owner.LeaveLine(gate, ref _diskTurn);

    /// <summary>What it does runs on one context, that of the thread that opened it, and not on the thread pool.</summary>
    public bool HasContext { get; } = SynchronizationContext.Current is not null;

    /// <summary>It runs on the thread of others, who have told it of something.</summary>
    public bool IsElsewhere => !HasContext && SynchronizationContext.Current is not null;

    /// <summary>It is one of the connections of its owner: it was accepted.</summary>
    public bool IsCounted { get; private set; }

    /// <summary>Its place among those without a CONNECT; null once it is accepted.</summary>
    public LinkedListNode<MqttConnection>? HalfOpen { get; set; }

    /// <summary>Timestamp of the turn at hand, or of the last look at what it takes; 0 between turns.</summary>
    public long TurnBegan { get; set; }

    /// <summary>The Session, once CONNECT is accepted.</summary>
    public Session? Session { get; set; }

    /// <summary>The CONNECT, while it waits for something; null before it came and when it is settled.</summary>
    public HeldConnect? Held { get; private set; }

    /// <summary>Of the accepted CONNECT: of two connections with one Client Identifier the one with the larger number is the newer.</summary>
    public long ConnectNumber { get; set; }

    /// <summary>A newer connection waits for what this one has sent, and will take over from it.</summary>
    public bool IsBeingTakenOver { get; set; }

    /// <summary>What carries its bytes.</summary>
    public ITransport Transport => transport;

    /// <summary>Monotonic milliseconds of the last packet.</summary>
    public long LastReceivedMs { get; set; }

    /// <summary>Monotonic milliseconds of the last bytes of a packet that is not whole yet.</summary>
    public long UnfinishedMs { get; set; }

    /// <summary>Bytes of it that have arrived; 0 when there is none.</summary>
    public long UnfinishedBytes { get; private set; }

    /// <summary>Milliseconds without a packet that end the connection; 0 for never.</summary>
    public long KeepAliveMs { get; set; }

    /// <summary>The route of the last PUBLISH: publishers nearly always stay with one topic.</summary>
    public Route? LastRoute { get; set; }

    /// <summary>The route that the access rules were asked about last, and <see cref="MayPublish"/> is what they said.</summary>
    public Route? AskedRoute { get; set; }

    public bool MayPublish { get; set; }

    /// <summary>5.0 topic aliases of the client; null until it defines one.</summary>
    public Dictionary<ushort, byte[]>? Aliases { get; set; }

    /// <summary>The PUBLISH at hand found no room in the journal, and the client cannot be told.</summary>
    public bool FoundNoRoom { get; set; }

    /// <summary>Topics of which a gateway below has a message refused for want of room on this connection; null for none.</summary>
    public HashSet<string>? RefusedTopics { get; private set; }

    /// <summary>What waits for room in the journal; null when nothing does.</summary>
    public BlockedPublishes? Blocked { get; set; }

    /// <summary>More about the reason, for the log: the numbers.</summary>
    public string? CloseDetail { get; private set; }

    /// <summary>
    /// Milliseconds since the last sign of life. Keep Alive counts whole packets [MQTT-3.1.2-24], but a large one may take longer than
    /// that over a slow link: as mosquitto does, bytes of it count, as long as they are not too few for the time it takes.
    /// </summary>
    public long SilentMs(long nowMs) =>
        UnfinishedBytes == 0 ? nowMs - LastReceivedMs : Math.Max(nowMs - Math.Max(UnfinishedMs, LastReceivedMs), nowMs - LastReceivedMs - (UnfinishedBytes * UnfinishedMsPerByte));

    /// <summary>A message of a gateway below is refused on this topic.</summary>
    /// <returns>False when there is no memory to remember that.</returns>
    public bool TryNoteRefused(string topic)
    {
        if (RefusedTopics is { } refused && refused.Contains(topic))
            return true;
        return Memory.TryTake(MemoryCost.RefusedTopic(topic)) && (RefusedTopics ??= new(StringComparer.Ordinal)).Add(topic);
    }

    /// <summary>It is not read for a while, but its transport goes on.</summary>
    /// <returns>False when there is no memory for that.</returns>
    public bool TryPause() => IsPaused = Memory.TryTake(ReadAheadBytes);

    public bool IsPaused { get; private set; }

    /// <summary>Completes when it is closed.</summary>
    public Task WhenClosed() => IsOpen ? _closed.Next() : Task.CompletedTask;

    /// <summary>It is not read for a while, because of the time that its owner has had.</summary>
    /// <returns>How many connections of its owner wait for that, with this one.</returns>
    public int WaitForTime()
    {
        if (_waitsWith is null)
            (_waitsWith = Owner).WaitingForTime++;
        return _waitsWith.WaitingForTime;
    }

    /// <summary>It is read again.</summary>
    public void GoesOn()
    {
        if (_waitsWith is { } owner)
            owner.WaitingForTime--;
        _waitsWith = null;
        if (!IsPaused)
            return;
        IsPaused = false;
        Memory.Give(ReadAheadBytes);
    }

    /// <summary>
    /// Notes what the turn at hand has taken until now. No more than a burst of it, or than what was done takes: what takes longer between two looks is no work, but a process that stood still, and
    /// its owner is not to pay for that.
    /// </summary>
    /// <param name="time">The turn's.</param>
    /// <param name="workUs">Microseconds that what was done in it takes (<see cref="Turn.WorkUs"/>), as they were inside it.</param>
    public void CountTime(TimeProvider time, long workUs)
    {
        if (Owner.HasAllTime || TurnBegan == 0)
            return;
        long now = time.GetTimestamp();
        _spentUs += Math.Min((long)time.GetElapsedTime(TurnBegan, now).TotalMicroseconds, Math.Max(TurnTime.BurstUs, workUs));
        TurnBegan = now;
    }

    /// <summary>Charges its owner for the time that was noted.</summary>
    /// <param name="nowUs">Microseconds of the turn's clock.</param>
    /// <returns>Milliseconds to wait for; 0 for none.</returns>
    public int Spend(long nowUs)
    {
        (long spentUs, _spentUs) = (_spentUs, 0);
        return Owner.Pay(nowUs, spentUs);
    }

    /// <summary>Its owner has had more than its share of the time: it has its CONNECT, and what came with that waits like what comes on any other.</summary>
    public bool Owes(Turn turn) => Owner.OwesMs(turn.MonotonicUs()) > 0;

    /// <summary>It is another owner's from now on: the user of its CONNECT.</summary>
    public void BelongTo(Owner owner)
    {
        if (Owner is not null)
            Owner.RemoveReference();
        Owner = owner;
        Output.Share = owner.Sends;
        owner.AddReference();
    }

    /// <summary>It is accepted, and its owner has one more.</summary>
    public void Accepted(Owner owner)
    {
        BelongTo(owner);
        owner[Good.Connections].Take(1);
        IsCounted = true;
    }

    public bool IsOpen => CloseReason == CloseReason.None;

    /// <summary>What a CONNECT said that is not accepted, for the log; null before it came, and for a client.</summary>
    public (string ClientId, string? UserName)? Says { get; set; }

    /// <summary>Whose connection it is, for the log.</summary>
    public ClientName Name => Session is { } session
        ? new ClientName(Id, session.ClientId, session.UserName, Remote)
        : new ClientName(Id, Says?.ClientId, Says?.UserName, Remote, IsLetIn: false);

    /// <summary>While a flush waits: the client may be taking it, too slowly for all of it to have left.</summary>
    public void LookForProgress()
    {
        long taken = transport.BytesTaken() ?? 0;
        if (taken != _bytesTaken)
            Output.Progressed();
        _bytesTaken = taken;
    }

    /// <summary>Has the connection's turn come although nothing was sent.</summary>
    public void WakeReader() => input.CancelPendingRead();

    /// <summary>The CONNECT waits: nothing more is read until <see cref="GoOn"/>. What it takes was taken of <see cref="Memory"/>.</summary>
    public void Hold(HeldConnect connect)
    {
        Held = connect;
        connect.HoldAgain();
    }

    /// <summary>What the CONNECT waited for has come: its loop goes on with it, in a turn of its own.</summary>
    public void GoOn()
    {
        Held?.Release();
        WakeReader();
    }

    /// <summary>The loop goes on with the CONNECT, whose memory is given back.</summary>
    public HeldConnect TakeHeld()
    {
        HeldConnect held = Held!;
        Held = null;
        Memory.Give(held.MemoryBytes);
        return held;
    }

    /// <inheritdoc/>
    public override void Close(CloseReason reason, string? detail = null, ReasonCode? code = null)
    {
        if (!IsOpen)
            return;
        CloseReason = reason;
        CloseDetail = detail;
        _closed.Set();
        Output.ForgetHeld();
        // Nothing goes in front of the CONNACK [MQTT-3.2.0-1], which may be among what the disk has not got.
        if (code is { } told && Version == ProtocolVersion.V5 && Session is not null && Output.HasBegun)
            SendDisconnect(told, WantsProblemInformation ? detail : null);
        Output.Close();
        if (Output.StalledSinceMs != 0)
            transport.Abort();
        else
            input.CancelPendingRead();
        Held?.Release();
        Left?.Release(); // it goes to all, whoever is gone
        Left = null;
    }

    /// <summary>Ends the connection because of bytes that are not the packet they claim to be.</summary>
    public void CloseMalformed(PacketType type, MalformedReason reason) =>
        Close(CloseReason.MalformedPacket, $"{type}: {reason.ToText()}", reason.ToReasonCode());

    /// <summary>More waits for these subscribers, or upstreams, than they take, because of a message that this connection published. Its own queue does not count: it must be free to acknowledge.</summary>
    /// <param name="slow">Who takes less than comes; one that had the message several times, as often.</param>
    /// <param name="bytes">Of the message.</param>
    /// <param name="nowMs">When.</param>
    /// <param name="light">What this has returned for the same message; null before.</param>
    /// <returns>Whether it sends so little that others do not hold it back; null where that was not asked. The message counts once, whoever it goes to and how often.</returns>
    public bool? HoldBackFor(List<ISlowReader> slow, int bytes, long nowMs, bool? light = null)
    {
        // An upstream is what everything goes to, and it is last in the list.
        for (int i = slow.Count - 1; i >= 0 && slow[i] is not Session { }; i--)
            if (!(_heldBackBy ??= []).Contains(slow[i]))
                _heldBackBy.Insert(0, slow[i]);
        foreach (ISlowReader reader in slow)
        {
            if (_heldBackBy is { Count: >= ISlowReader.RememberedMax })
                return light;
            if (reader is Session { Holdings.Owner: { HasAllTime: false } owner } && owner != Owner && (light ??= IsLight(bytes, nowMs)))
                continue;
            if (reader != Session && !(_heldBackBy ??= []).Contains(reader))
                _heldBackBy.Add(reader);
        }

        return light;
    }

    /// <summary>
    /// One of those subscribers has no room: completes when it has some. The connection is not read before all of them have some, or as long as it may wait in all: they are asked one
    /// after the other, for a task around several would stay with their signals, one for each wait, as long as they take nothing (<see cref="Awaiting"/>).
    /// </summary>
    /// <param name="nowMs">When.</param>
    /// <param name="pauseMs">Milliseconds that it may wait in all.</param>
    /// <param name="leftMs">What is left of them, above 0; 0 where it need not wait.</param>
    public Task WhenSubscribersHaveRoom(long nowMs, int pauseMs, out int leftMs)
    {
        leftMs = 0;
        if (_heldBackBy is not { } slow)
            return Task.CompletedTask;
        _heldBackSinceMs ??= nowMs;
        long left = _heldBackSinceMs.Value + pauseMs - nowMs;
        while (left > 0 && slow.Count > 0)
        {
            // Once: an upstream has a bound of its own for how long it is waited for.
            Task drained = slow[0].WhenDrained();
            slow.RemoveAt(0);
            if (drained.IsCompleted)
                continue;
            leftMs = (int)left;
            return drained;
        }

        (_heldBackBy, _heldBackSinceMs) = (null, null);
        return Task.CompletedTask;
    }

    // What a board publishes fills nobody's queue: a stranger that does not read what it subscribed to is not to slow it.
    private bool IsLight(int bytes, long nowMs)
    {
        if (nowMs - _lightSinceMs >= LightMs)
            (_lightSinceMs, _lightMessages, _lightBytes) = (nowMs, 0, 0);
        _lightMessages++;
        _lightBytes += bytes;
        return _lightMessages <= LightMessagesMax && _lightBytes <= LightBytesMax;
    }

    // The Reason String stays away when the packet would be too large with it [MQTT-3.14.2-3].
    private void SendDisconnect(ReasonCode code, string? reasonString)
    {
        DisconnectPacket told = new() { ReasonCode = code, ReasonString = ReasonText.Of(reasonString) };
        if (TryWrite(w => told.Write(w, Version)))
            return;
        DisconnectPacket brief = new() { ReasonCode = code };
        _ = TryWrite(w => brief.Write(w, Version));
    }
}
