using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>The null broker, which only forwards: what it reaches is what the load generator can measure at most.</summary>
internal sealed class NullPeer : Peer
{
    public const string CommandName = "null-broker";

    public override string Name => "null";

    public override bool SpeaksV5 => false;

    public override string Describe() => "null broker (forwards bytes, keeps nothing): the ceiling of the load generator";

    public override string? Prepare() => null;

    public override BrokerProcess Start(BrokerSettings settings) => BrokerProcess.Start((_, port) =>
        new ProcessStartInfo("dotnet", [typeof(NullPeer).Assembly.Location, CommandName, "--port", port.ToString()]));
}
