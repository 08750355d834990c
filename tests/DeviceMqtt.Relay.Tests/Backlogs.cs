using System.IO.Pipelines;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Output;
using DeviceMqtt.Relay.Dialect;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Relay.Tests;

/// <summary>An upstream that is never there: what goes to it waits. Or the test plays it, without a network.</summary>
internal static class Backlogs
{
    /// <param name="gateway">Whose upstream it is, before it looks at its disk.</param>
    /// <param name="filter">Of the topics that go there.</param>
    public static void Connect(BrokerOnDisk gateway, string filter) => gateway.Broker.ConnectUpstream(SessionOf(gateway, new RelayOptions { ClientId = "gw", Out = [filter] }, gateway.Lines));

    /// <summary>The relay's state, without a link. It is the gateway's upstream when the test says so to the gateway.</summary>
    public static RelaySession SessionOf(TestBroker gateway, RelayOptions? options = null, ILogger? lines = null)
    {
        options ??= new RelayOptions { ClientId = "gw" };
        return new RelaySession(gateway.Broker, options, new UpstreamDialect(options, gateway.Broker.Clock), new RelayWorld(gateway.Time), lines ?? new RelayLines());
    }

    /// <summary>The output of a link whose network is a pipe.</summary>
    public static (ConnectionOutput Output, Pipe Pipe) OutputOf(TestBroker gateway, Pipe? pipe = null)
    {
        pipe ??= new Pipe();
        return (new ConnectionOutput(pipe.Writer, gateway.Broker.Turn, gateway.Broker.Counters.Upstream, gateway.Broker.Limits.OutputBytesMax, gateway.Broker.Owners.Nobody[Good.Memory])
        {
            Faulted = static (_, fault) => throw new InvalidOperationException("a flush has failed", fault),
        }, pipe);
    }
}
