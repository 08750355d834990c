namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

[TestClass]
public sealed class StopTests
{
    [TestMethod]
    public async Task SIGTERM_WithNoClients_ExitCodeIs0()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();

        Assert.AreEqual(0, await gateway.Stop());
        Assert.IsEmpty(gateway.Process.Errors.Items);
    }

    [TestMethod]
    public async Task SIGINT_WithNoClients_ExitCodeIs0()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();

        gateway.Process.Interrupt();

        Assert.AreEqual(0, await gateway.Process.WaitForExit());
    }

    [TestMethod]
    public async Task SIGTERM_WithClients_TheyAreClosedWithoutTheirWillsAndExitCodeIs0()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt watcher = await RawMqtt.Connect(gateway, "watcher");
        await watcher.Subscribe("#", qos: 1);
        await using RawMqtt device = await RawMqtt.Connect(gateway, "device", will: new Will("presence/device", "false", QoS: 1, Retain: true));
        await using RawMqtt sleeper = await RawMqtt.Connect(gateway, "sleeper", clean: false, will: new Will("presence/sleeper", "false"));

        gateway.Process.Terminate();

        await Task.WhenAll(watcher.WaitForClose(), device.WaitForClose(), sleeper.WaitForClose());
        Assert.AreEqual(0, await gateway.Process.WaitForExit(), gateway.Process.Transcript());
        Assert.DoesNotContain(RawType.Publish, watcher.Packets.Items.Select(packet => packet.Type), "the gateway went, not the devices");
    }

    [TestMethod]
    public async Task SIGTERM_WithWebSocketClients_TheyAreClosedAndExitCodeIs0()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt browser = await RawMqtt.OpenWebSocket(gateway);
        await browser.Send(RawBytes.Connect("browser"));
        await browser.Next(RawType.ConnAck);

        gateway.Process.Terminate();

        await browser.WaitForClose();
        Assert.AreEqual(0, await gateway.Process.WaitForExit(), gateway.Process.Transcript());
    }

    [TestMethod]
    public async Task SIGTERM_WithASubscriberThatDoesNotRead_ExitCodeIs0()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt publisher = await RawMqtt.Connect(gateway, "publisher");
        using StalledSubscriber stalled = await StalledSubscriber.Connect(gateway, "stalled", "flood");

        // More than every buffer between gateway and subscriber holds.
        byte[] payload = new byte[100_000];
        for (int number = 0; number < 100; number++)
        {
            await publisher.Send(RawBytes.Publish("flood", payload));
        }

        await publisher.Send(RawBytes.PingReq);
        await publisher.Next(RawType.PingResp);

        Assert.AreEqual(0, await gateway.Stop(), gateway.Process.Transcript());
    }
}
