using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>A packet that has crossed a <see cref="RecordingProxy"/>.</summary>
/// <param name="At">Since the proxy began.</param>
/// <param name="Connection">Its number, from 1.</param>
/// <param name="IsUp">The client has sent it.</param>
/// <param name="Packet">What it was.</param>
internal sealed record CrossedPacket(TimeSpan At, int Connection, bool IsUp, RawPacket Packet)
{
    /// <summary>An acknowledgement of that PUBLISH: in the other direction of the same connection, under its Packet Identifier.</summary>
    public bool Acknowledges(CrossedPacket publish) =>
        Packet.Type == RawType.PubAck && Connection == publish.Connection && IsUp != publish.IsUp && publish.Packet.QoS > 0 && Packet.PacketId == publish.Packet.PacketId;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds,8:F3} s, connection {Connection}, {(IsUp ? "up" : "down")}: {Packet}{(Packet.Type == RawType.Publish ? $" {Packet.Text}" : "")}");
}
