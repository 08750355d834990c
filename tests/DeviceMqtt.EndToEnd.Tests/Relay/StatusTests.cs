using System.Text.Json;

namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>The command <c>status</c> asks the running gateway, and says what is the matter with an upstream.</summary>
[TestClass]
public sealed class StatusTests
{
    [TestMethod]
    public async Task Status_UpstreamConnected_SaysSoAndExits0()
    {
        await using RelayedGateway relayed = await RelayedGateway.Start("--set", "Sys:IntervalSeconds=1");
        await using MosquittoSub sys = await MosquittoSub.Start(relayed.Gateway, "$SYS/broker/relay/upstream/state");
        await sys.Messages.WaitFor(m => m.Text == "connected", "state connected");

        (int exitCode, string said) = await Ask(relayed.Gateway);

        Assert.AreEqual(0, exitCode, said);
        StringAssert.Contains(said, $"upstream upstream: connected mqtt://127.0.0.1:{relayed.Upstream.Port} with MQTT 5.0 since ", StringComparison.Ordinal);
        StringAssert.Contains(said, "0 Wills of devices are held there", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Status_UpstreamsAway_CauseAndBacklogNamed()
    {
        int nobody = FreePorts.Take();
        await using RawListener other = RawListener.Start("SSH-2.0-OpenSSH_9.2\r\n");
        await using GatewayProcess gateway = await GatewayProcess.Start(
            "--set", "Sys:IntervalSeconds=1", "--upstream", $"mqtt://127.0.0.1:{nobody}",
            "--set", "Relays:0:Name=second", "--set", $"Relays:0:Addresses:0=mqtt://127.0.0.1:{other.Port}");
        await MosquittoPub.Send(gateway, "dm/b/info", "waits", qos: 1);
        await using MosquittoSub sys = await MosquittoSub.Start(gateway, "$SYS/broker/relay/+/#");
        foreach (string name in new[] { "upstream", "second" })
        {
            await sys.Messages.WaitFor(m => m.Topic == $"$SYS/broker/relay/{name}/backlog/messages" && m.Text == "1", $"the backlog of {name}");
            await sys.Messages.WaitFor(m => m.Topic == $"$SYS/broker/relay/{name}/error" && m.Text.Length > 0, $"the error of {name}");
        }

        (int exitCode, string said) = await Ask(gateway);

        Assert.AreEqual(1, exitCode, said);
        StringAssert.Contains(said, "2 things want attention", StringComparison.Ordinal);
        StringAssert.Contains(said, "upstream upstream is away since ", StringComparison.Ordinal);
        StringAssert.Contains(said, $"upstream upstream: disconnected mqtt://127.0.0.1:{nobody}", StringComparison.Ordinal);
        StringAssert.Contains(said, "last error: Refused: ", StringComparison.Ordinal);
        StringAssert.Contains(said, "last error: NotMqtt: the answer to CONNECT begins with 0x53, which is no CONNACK", StringComparison.Ordinal);
        StringAssert.Contains(said, "1 messages wait", StringComparison.Ordinal);
        StringAssert.Contains(said, "Relay: 2 accepted = 0 delivered + 2 pending + 0 expired + 0 dropped", StringComparison.Ordinal);
        // One line for each upstream, however often it was tried.
        Assert.HasCount(2, gateway.Process.Output.Items.Where(line => line.Contains("not connected, ", StringComparison.Ordinal)).ToArray(), gateway.Transcript());
    }

    [TestMethod]
    public async Task Status_NoGatewayThere_SaysSoAndExits2()
    {
        await using ChildProcess status = GatewayProcess.LaunchExactly(["status", $"mqtt://127.0.0.1:{FreePorts.Take()}"]);

        Assert.AreEqual(2, await status.WaitForExit());
        StringAssert.Contains(status.Transcript(), "no answer from the gateway: Refused", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Status_AddressWithoutScheme_IsOneOfMqtt()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start("--set", "Sys:IntervalSeconds=1");
        await using ChildProcess status = GatewayProcess.LaunchExactly(["status", $"127.0.0.1:{gateway.Port}"]);
        Assert.AreEqual(0, await status.WaitForExit(), status.Transcript());
    }

    [TestMethod]
    public async Task Status_AddressThatIsNone_NamedAndExits2()
    {
        await using ChildProcess status = GatewayProcess.LaunchExactly(["status", "ftp://secret@host"]);
        Assert.AreEqual(2, await status.WaitForExit(), status.Transcript());
        StringAssert.StartsWith(status.Errors.Items[0], "ADDRESS cannot be used: ", StringComparison.Ordinal);
        Assert.DoesNotContain("secret", status.Transcript(), StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Status_AnotherBrokerOnThePort_NamedAndExits2()
    {
        await using MosquittoBroker other = await MosquittoBroker.Start();
        await using ChildProcess status = GatewayProcess.LaunchExactly(["status", $"127.0.0.1:{other.Port}"]);
        Assert.AreEqual(2, await status.WaitForExit(), status.Transcript());
        StringAssert.StartsWith(Assert.ContainsSingle(status.Errors.Items), "what answers there is no DeviceMqtt gateway but 'mosquitto version ", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Status_OfTheMachine_AnswersAlsoWhereNothingIsPublishedOnSys()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start("--set", "Sys:IntervalSeconds=0");
        await using ChildProcess status = GatewayProcess.LaunchExactly(["status", "--data", gateway.DataFolder]);
        Assert.AreEqual(0, await status.WaitForExit(), status.Transcript());
        Assert.AreEqual("well", status.Output.Items[0]);
    }

    [TestMethod]
    [DataRow(false, 0, "well")]
    [DataRow(true, 1, "attention")]
    public async Task Status_Json_SaysTheSameForPrograms(bool isUpstreamAway, int exits, string state)
    {
        await using GatewayProcess gateway = await GatewayProcess.Start(isUpstreamAway ? ["--upstream", $"mqtt://127.0.0.1:{FreePorts.Take()}"] : []);
        await using ChildProcess status = GatewayProcess.LaunchExactly(["status", "--json", "--data", gateway.DataFolder]);
        Assert.AreEqual(exits, await status.WaitForExit(), status.Transcript());
        using JsonDocument json = JsonDocument.Parse(Assert.ContainsSingle(status.Output.Items));
        Assert.AreEqual((state, exits), (json.RootElement.GetProperty("state").GetString(), json.RootElement.GetProperty("attention").GetArrayLength()));
        Assert.AreEqual(JsonValueKind.Number, json.RootElement.GetProperty("values").GetProperty("retained messages/count").ValueKind);
    }

    [TestMethod]
    public async Task Status_JsonWithoutAGateway_IsDown()
    {
        using TestFolder folder = new();
        await using ChildProcess status = GatewayProcess.LaunchExactly(["status", "--json", "--data", folder.Path]);
        Assert.AreEqual(2, await status.WaitForExit(), status.Transcript());
        using JsonDocument json = JsonDocument.Parse(Assert.ContainsSingle(status.Output.Items));
        Assert.AreEqual("down", json.RootElement.GetProperty("state").GetString());
    }

    private static async Task<(int ExitCode, string Said)> Ask(BrokerUnderTest gateway)
    {
        await using ChildProcess status = GatewayProcess.LaunchExactly(["status", $"mqtt://127.0.0.1:{gateway.Port}"]);
        return (await status.WaitForExit(), status.Transcript());
    }
}
