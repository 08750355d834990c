using DeviceMqtt.Benchmarks.Peers;
using DeviceMqtt.Benchmarks.Rows.Stall;

namespace DeviceMqtt.Benchmarks.Rows;

/// <summary>What every row is run with.</summary>
/// <param name="WarmUpSeconds">Load before the window; the gateway's runtime compiles its hot paths in it.</param>
/// <param name="WindowSeconds">What is measured.</param>
/// <param name="ProtocolLevel">4 for MQTT 3.1.1, 5 for 5.0.</param>
/// <param name="IdleConnections">Of the row that counts what an idle connection costs.</param>
internal sealed record RunSettings(double WarmUpSeconds, double WindowSeconds, int ProtocolLevel, int IdleConnections)
{
    /// <summary>How often a round is measured that other processes disturbed; the least disturbed counts.</summary>
    public int AttemptsMax { get; init; } = 3;

    /// <summary>
    /// Chosen as half the window. A write for each message costs this load generator as much as a fast broker needs for the message, so that it would be the load
    /// generator that is measured.
    /// </summary>
    public const int MessagesPerWriteDefault = 10;

    /// <summary>Messages that a paced publisher puts into one write at most, where its bound allows as many at that moment.</summary>
    public int MessagesPerWriteMax { get; init; } = MessagesPerWriteDefault;

    /// <summary>What the broker gets of its core, in percent (<see cref="Load.CoreTaker"/>).</summary>
    public int BrokerSharePercent { get; init; } = 100;

    /// <summary>Rows of `scale` go to the largest sizes.</summary>
    public bool IsFullScale { get; init; }

    public StallSizes Stall { get; init; } = new();

    /// <summary>Of the row `latency-bursts`.</summary>
    public BurstShape Bursts { get; init; } = BurstShape.Collector;

    /// <summary>The gateway that stands above in `relay-self`, whoever relays.</summary>
    public required Peer UpstreamGateway { get; init; }

    /// <summary>So short that it only shows that everything works; figures are not looked at.</summary>
    public bool IsSmoke => WindowSeconds < 1;
}
