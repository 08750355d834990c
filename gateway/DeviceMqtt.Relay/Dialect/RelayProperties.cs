using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Dialect;

/// <summary>
/// What a message has with it on its way upstream, besides its publisher's own: in 5.0 what is left of its time, when it
/// was accepted (<c>received-at</c>, UTC) and through which gateways it came (<c>via</c>); for readings of our own boards
/// over 3.1.1 the mark <c>"h":1</c> in the payload when they are late. Owned by the turn.
/// </summary>
internal sealed class RelayProperties(string gateway, WallClock clock)
{
    /// <summary>Milliseconds between acceptance and sending from which on a reading counts as late. Chosen: longer than a broker takes that is there.</summary>
    public const long LateMs = 5_000;

    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
    private const int TimeBytes = 24;
    private static readonly byte[] ReceivedAt = Head("received-at", TimeBytes);

    // '#' is in no Client Identifier.
    private const char NumberMark = '#';
    private readonly byte[] _viaName = ViaOf(gateway); // as versions before this one wrote it
    private byte[]? _via;
    private readonly PropertyWriter _writer = new();

    /// <summary>The property that says that a message came through this gateway.</summary>
    public ReadOnlySpan<byte> Via => _via ??= NumberFrom is { } from ? ViaOf($"{gateway}{NumberMark}{from.GatewayNumber}") : _viaName;

    /// <summary>Has the number of this gateway, by which it is told from others of its name; without one the name alone is said. Read when the first message leaves or comes.</summary>
    public Upstreams? NumberFrom { get; set; }

    /// <summary>The properties of a message, valid until the next call.</summary>
    /// <param name="message">The message.</param>
    /// <param name="nowMs">Monotonic milliseconds.</param>
    /// <param name="isAlone">Nothing that is relayed is under way but this message.</param>
    public ReadOnlySpan<byte> Of(Message message, long nowMs, bool isAlone = false)
    {
        ReadOnlySpan<byte> own = ForwardedProperties.Aged(message, nowMs);
        _writer.Clear();
        _writer.AddEncoded(own);
        if (message.ExpiresMs != long.MaxValue && ForwardedProperties.ExpirySeconds(own) is null)
            _writer.Add(PropertyId.MessageExpiryInterval, (uint)Math.Clamp((message.ExpiresMs - nowMs + 999) / 1000, 1, uint.MaxValue));
        // The first gateway of a chain knows the time.
        if (own.IndexOf(ReceivedAt.AsSpan(0, ReceivedAt.Length - sizeof(ushort))) < 0)
        {
            Span<byte> property = stackalloc byte[ReceivedAt.Length + TimeBytes];
            ReceivedAt.CopyTo(property);
            // The gateway's own presence was accepted by nobody.
            DateTimeOffset accepted = AcceptedAt(message, nowMs, clock);
            _ = accepted.UtcDateTime.TryFormat(property[ReceivedAt.Length..], out _, TimeFormat, CultureInfo.InvariantCulture);
            _writer.AddEncoded(property);
        }

        _writer.AddEncoded(Via);
        if (isAlone)
            _writer.AddEncoded(AloneMark.Bytes);
        return _writer.Written;
    }

    /// <summary>When a message was accepted, by the clock on the wall.</summary>
    /// <param name="message">Of this run of the gateway or an earlier one.</param>
    /// <param name="nowMs">For one that nobody has accepted.</param>
    /// <param name="clock">What the wall shows now.</param>
    public static DateTimeOffset AcceptedAt(Message message, long nowMs, WallClock clock) => DateTimeOffset.FromUnixTimeMilliseconds(
        message.AcceptedUnixMs != 0 ? message.AcceptedUnixMs : clock.ToUnixMs(message.AcceptedMs == 0 ? nowMs : message.AcceptedMs));

    /// <summary>The message has been here before.</summary>
    /// <param name="properties">Of the message.</param>
    /// <param name="publisher">
    /// Who sent it. One that has our name is another gateway of that name, and of an older version where it says the name alone: that is itself, and not this one.
    /// </param>
    public bool WasHere(ReadOnlySpan<byte> properties, string publisher) =>
        properties.IndexOf(Via) >= 0 || (publisher != gateway && properties.IndexOf(_viaName) >= 0);

    /// <summary>A payload of a reading, marked as late where it is and does not say so itself.</summary>
    public static ReadOnlySpan<byte> MarkLate(Message message, ReadOnlySpan<byte> payload, long nowMs)
    {
        if (nowMs - message.AcceptedMs < LateMs || payload is not [(byte)'{', (byte)'"', ..] || payload.IndexOf("\"h\":"u8) >= 0)
            return payload;
        return (byte[])[.. "{\"h\":1,"u8, .. payload[1..]];
    }

    private static byte[] ViaOf(string text) => [.. Head("via", Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    // A user property up to its value: identifier, name with its length, length of the value (5.0 section 2.2.2.2).
    private static byte[] Head(string name, int valueBytes)
    {
        byte[] head = new byte[1 + sizeof(ushort) + name.Length + sizeof(ushort)];
        head[0] = (byte)PropertyId.UserProperty;
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(1), (ushort)name.Length);
        Encoding.ASCII.GetBytes(name, head.AsSpan(1 + sizeof(ushort)));
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(head.Length - sizeof(ushort)), (ushort)valueBytes);
        return head;
    }
}
