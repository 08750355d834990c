using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Presence;

/// <summary>What is told of a client, as it is written (firmware/docs/wire.md).</summary>
internal sealed class PresenceText
{
    private const int BytesMax = 1024; // chosen: some numbers, a word and an address
    private readonly FlatJsonWriter _json = new(BytesMax);

    public byte[]? Of(ClientPresence presence, WallClock clock, string gateway)
    {
        long until = presence.BackAtMs is > 0 and < long.MaxValue && !presence.IsOnline ? clock.ToUnixMs(presence.BackAtMs) / 1000 : 0;
        return GatewayPresence.Write(_json, presence.IsOnline, clock.ToUnixMs(presence.SinceMs) / 1000, WordOf(presence.Reason), presence.Connection, gateway, until)
            ? _json.Buffer.AsSpan(0, _json.Length).ToArray()
            : null;
    }

    private static string WordOf(PresenceReason reason) => reason switch
    {
        PresenceReason.Connected => "connected",
        PresenceReason.Disconnected => "disconnected",
        PresenceReason.Silent => "silent",
        PresenceReason.Lost => "lost",
        PresenceReason.Closed => "closed",
        PresenceReason.GatewayStops => "gateway-stops",
        PresenceReason.GatewayStarted => "gateway-started",
        PresenceReason.Asleep => "asleep",
        PresenceReason.Overdue => "overdue",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}
