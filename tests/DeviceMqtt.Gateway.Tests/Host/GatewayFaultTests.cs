using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>
/// A timer that ended by an exception used to end silently: no Keep Alive, no expiry and no $SYS from then on, in a
/// process that looked well.
/// </summary>
[TestClass]
public sealed class GatewayFaultTests
{
    [TestMethod]
    public async Task Timer_EndsByAnException_TheProcessEndsWithExitCode1()
    {
        GatewayOptions options = new() { Listen = ["127.0.0.1:0"], Http = "off", Data = GatewayOptions.NoData };
        await using GatewayHost host = GatewayHost.Create(options);
        await host.StartAsync();
        await Patience.Until(() => Begun(host), "the look at the users, which is a turn of the start");
        int turns = 0;
        // The next turn is that of a timer: nobody is connected.
        host.Broker.Turn.AtEnd = () =>
        {
            if (Interlocked.Increment(ref turns) == 1)
                throw new InvalidOperationException("a fault of the gateway");
        };

        int exitCode = await Patience.Within(RunCommand.ServeAsync(host, options, ServiceManager.OfProcess(), CancellationToken.None), "the end of the process");

        Assert.AreEqual(RunCommand.Failed, exitCode);
        Assert.AreEqual("a fault of the gateway", (await host.Failed).Message);
    }

    private static bool Begun(GatewayHost host)
    {
        using Broker.Turns.Turn.Scope scope = host.Broker.Turn.Enter();
        return host.Broker.Turn.Jobs.Count == 0;
    }

    [TestMethod]
    public async Task Timers_StopWithTheGateway_IsNoFault()
    {
        GatewayOptions options = new() { Listen = ["127.0.0.1:0"], Http = "off", Data = GatewayOptions.NoData };
        await using GatewayHost host = GatewayHost.Create(options);
        await host.StartAsync();

        using CancellationTokenSource stop = new();
        Task<int> serving = RunCommand.ServeAsync(host, options, ServiceManager.OfProcess(), stop.Token);
        await stop.CancelAsync();

        Assert.AreEqual(0, await Patience.Within(serving, "the stop"));
        Assert.IsFalse(host.Failed.IsCompleted);
    }
}
