using System.IO.Pipelines;
using System.Net;
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
internal sealed class MqttConnection(long id, EndPoint? remote, PipeReader input, ConnectionOutput output, Action abort, Func<long>? bytesTaken = null)
    : ClientLink(output)
{
    // Chosen: 100 bytes a second, which the slowest mobile network has. Who sends a byte now and then gains nothing by it.
    private const int UnfinishedMsPerByte = 10;

    private List<ISlowReader>? _heldBackBy;
    private long _bytesTaken;

    /// <summary>Counts up from the start of the gateway; names the connection in the log.</summary>
    public long Id { get; } = id;

    public override EndPoint? Remote { get; } = remote;

    /// <summary>The Session, once CONNECT is accepted.</summary>
    public Session? Session { get; set; }

    /// <summary>The CONNECT, while it waits for something; null before it came and when it is settled.</summary>
    public HeldConnect? Held { get; private set; }

    /// <summary>Of the accepted CONNECT: of two connections with one Client Identifier the one with the larger number is the newer.</summary>
    public long ConnectNumber { get; set; }

    /// <summary>A newer connection waits for what this one has sent, and will take over from it.</summary>
    public bool IsBeingTakenOver { get; set; }

    /// <summary>Bytes that have arrived and that the transport has not read yet; null where nobody knows.</summary>
    public Func<long>? BytesUnread { get; init; }

    /// <summary>Monotonic milliseconds of the last packet.</summary>
    public long LastReceivedMs { get; set; }

    /// <summary>Monotonic milliseconds of the last bytes of a packet that is not whole yet.</summary>
    public long UnfinishedMs { get; set; }

    /// <summary>Bytes of it that have arrived; 0 when there is none.</summary>
    public long UnfinishedBytes { get; set; }

    /// <summary>Milliseconds without a packet that end the connection; 0 for never.</summary>
    public long KeepAliveMs { get; set; }

    /// <summary>The route of the last PUBLISH: publishers nearly always stay with one topic.</summary>
    public Route? LastRoute { get; set; }

    /// <summary>The route that the access rules were asked about last, and <see cref="MayPublish"/> is what they said.</summary>
    public Route? AskedRoute { get; set; }

    public bool MayPublish { get; set; }

    /// <summary>5.0 topic aliases of the client; null until it defines one.</summary>
    public Dictionary<ushort, Route>? Aliases { get; set; }

    /// <summary>The PUBLISH at hand found no room in the journal, and the client cannot be told.</summary>
    public bool FoundNoRoom { get; set; }

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

    public bool IsOpen => CloseReason == CloseReason.None;

    /// <summary>What the client is called in the log: its Client Identifier, or where it came from.</summary>
    public string Name => Session?.ClientId ?? Remote?.ToString() ?? "?";

    /// <summary>While a flush waits: the client may be taking it, too slowly for all of it to have left.</summary>
    public void LookForProgress()
    {
        long taken = bytesTaken?.Invoke() ?? 0;
        if (taken != _bytesTaken)
            Output.Progressed();
        _bytesTaken = taken;
    }

    /// <summary>Has the connection's turn come although nothing was sent.</summary>
    public void WakeReader() => input.CancelPendingRead();

    /// <summary>The CONNECT waits: nothing more is read until <see cref="GoOn"/>.</summary>
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

    /// <summary>The loop goes on with the CONNECT.</summary>
    public HeldConnect TakeHeld()
    {
        HeldConnect held = Held!;
        Held = null;
        return held;
    }

    /// <inheritdoc/>
    public override void Close(CloseReason reason, string? detail = null, ReasonCode? code = null)
    {
        if (!IsOpen)
            return;
        CloseReason = reason;
        CloseDetail = detail;
        Output.ForgetHeld();
        if (code is { } told && Version == ProtocolVersion.V5 && Session is not null)
            SendDisconnect(told, WantsProblemInformation ? detail : null);
        Output.Close();
        if (Output.StalledSinceMs != 0)
            abort();
        else
            input.CancelPendingRead();
        Held?.Release();
    }

    /// <summary>Ends the connection because of bytes that are not the packet they claim to be.</summary>
    public void CloseMalformed(PacketType type, MalformedReason reason) =>
        Close(CloseReason.MalformedPacket, $"{type}: {reason.ToText()}", reason.ToReasonCode());

    /// <summary>More waits for a subscriber, or an upstream, than it takes, because of what this connection publishes. Its own queue does not count: it must be free to acknowledge.</summary>
    public void HoldBackFor(ISlowReader slow)
    {
        if (slow != Session && !(_heldBackBy ??= []).Contains(slow))
            _heldBackBy.Add(slow);
    }

    /// <summary>Completes when all those subscribers have room again. Asking starts anew.</summary>
    public Task WhenSubscribersHaveRoom()
    {
        if (_heldBackBy is not { } slow)
            return Task.CompletedTask;
        _heldBackBy = null;
        return Task.WhenAll(slow.Select(s => s.WhenDrained()));
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
