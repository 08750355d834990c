using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Gateway.Routing;
using DeviceMqtt.Gateway.Sessions;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Connections;

/// <summary>
/// One network connection: what is known of it, and how packets leave on it. Reading is <see cref="ConnectionLoop"/>,
/// meaning is in the receivers. Owned by the turn.
/// </summary>
internal sealed class MqttConnection(long id, EndPoint? remote, PipeReader input, ConnectionOutput output, Action abort, Func<long>? bytesTaken = null)
{
    private List<ISlowReader>? _heldBackBy;
    private long _bytesTaken;

    /// <summary>Counts up from the start of the gateway; names the connection in the log.</summary>
    public long Id { get; } = id;

    public EndPoint? Remote { get; } = remote;

    public ConnectionOutput Output { get; } = output;

    /// <summary>From CONNECT on; until then 3.1.1.</summary>
    public ProtocolVersion Version { get; set; } = ProtocolVersion.V311;

    /// <summary>The Session, once CONNECT is accepted.</summary>
    public Session? Session { get; set; }

    /// <summary>Monotonic milliseconds of the last packet.</summary>
    public long LastReceivedMs { get; set; }

    /// <summary>Milliseconds without a packet that end the connection; 0 for never.</summary>
    public long KeepAliveMs { get; set; }

    /// <summary>5.0: reason strings and user properties in acknowledgements are welcome [MQTT-3.1.2-29].</summary>
    public bool WantsProblemInformation { get; set; } = true;

    /// <summary>5.0: bytes of the largest packet that the client takes, its Maximum Packet Size.</summary>
    public uint PacketBytesMax { get; set; } = uint.MaxValue;

    /// <summary>The route of the last PUBLISH: publishers nearly always stay with one topic.</summary>
    public Route? LastRoute { get; set; }

    /// <summary>5.0 topic aliases of the client; null until it defines one.</summary>
    public Dictionary<ushort, Route>? Aliases { get; set; }

    /// <summary>5.0 topic aliases towards the client; null when it takes none.</summary>
    public OutboundAliases? OutboundAliases { get; set; }

    /// <summary>Where the properties of an outgoing 5.0 PUBLISH are put together.</summary>
    public PropertyWriter PropertyScratch => field ??= new PropertyWriter();

    /// <summary>The packet at hand could not be taken now: it is read again after a pause.</summary>
    public bool RetriesPacket { get; set; }

    /// <summary>Why it ended, or <see cref="CloseReason.None"/> while it is open.</summary>
    public CloseReason CloseReason { get; private set; }

    /// <summary>More about the reason, for the log: the numbers.</summary>
    public string? CloseDetail { get; private set; }

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

    /// <summary>Ends the connection. The first reason counts; what was written before still goes out if the network takes it.</summary>
    /// <param name="reason">The one reason.</param>
    /// <param name="detail">Numbers and names for the log.</param>
    /// <param name="code">5.0: what the client is told in a DISCONNECT; null to send none.</param>
    public void Close(CloseReason reason, string? detail = null, ReasonCode? code = null)
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
    }

    /// <summary>Ends the connection because of bytes that are not the packet they claim to be.</summary>
    public void CloseMalformed(PacketType type, MalformedReason reason) =>
        Close(CloseReason.MalformedPacket, $"{type}: {reason.ToText()}", reason.ToReasonCode());

    /// <summary>Writes a packet that is no PUBLISH, unless it is larger than the client takes [MQTT-3.1.2-24].</summary>
    /// <returns>False when it is too large, and was not written.</returns>
    public bool TryWrite(Action<IBufferWriter<byte>> write)
    {
        if (PacketBytesMax == uint.MaxValue)
        {
            write(Output);
            return true;
        }

        ArrayBufferWriter<byte> packet = new();
        write(packet);
        if (packet.WrittenCount > PacketBytesMax)
            return false;
        Output.Write(packet.WrittenSpan);
        return true;
    }

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

    /// <summary>
    /// PUBACK or PUBREC with an error, and why: in 5.0, where the client wants to know [MQTT-3.1.2-29], and takes a packet as
    /// long as that [MQTT-3.4.2-2, 3.5.2-2].
    /// </summary>
    public void SendRefusal(PacketType type, ushort packetId, ReasonCode reason, string why)
    {
        PropertyWriter properties = new();
        properties.Add(PropertyId.ReasonString, why);
        int length = AckPacket.GetLength(Version, reason, properties.Written.Length);
        if (Version != ProtocolVersion.V5 || !WantsProblemInformation || length > PacketBytesMax)
        {
            SendAck(type, packetId, reason);
            return;
        }

        Span<byte> destination = Output.GetSpan(length);
        Output.Advance(AckPacket.Encode(destination, type, Version, packetId, reason, properties.Written));
    }

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP.</summary>
    public void SendAck(PacketType type, ushort packetId, ReasonCode reason = ReasonCode.Success)
    {
        Span<byte> destination = Output.GetSpan(AckPacket.GetLength(Version, reason));
        Output.Advance(AckPacket.Encode(destination, type, Version, packetId, reason));
    }

    // The Reason String stays away when the packet would be too large with it [MQTT-3.14.2-3].
    private void SendDisconnect(ReasonCode code, string? reasonString)
    {
        DisconnectPacket told = new() { ReasonCode = code, ReasonString = reasonString };
        if (TryWrite(w => told.Write(w, Version)))
            return;
        DisconnectPacket brief = new() { ReasonCode = code };
        _ = TryWrite(w => brief.Write(w, Version));
    }
}
