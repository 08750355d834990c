using System.Diagnostics;
using DeviceMqtt.Broker;
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
        int beats = 0;
        // The start itself has turns, and goes on with some of them on other threads: a fault there is not a timer's.
        host.Broker.Turn.AtEnd = () =>
        {
            if (new StackTrace().GetFrames().Any(static f => f.GetMethod()?.Name == nameof(MqttBroker.Beat)) && Interlocked.Increment(ref beats) == 1)
                throw new InvalidOperationException("a fault of the gateway");
        };

        int exitCode = await Patience.Within(RunCommand.ServeAsync(host, options, ServiceManager.OfProcess(), CancellationToken.None), "the end of the process");

        Assert.AreEqual(RunCommand.Failed, exitCode);
        Assert.AreEqual("a fault of the gateway", (await host.Failed).Message);
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
