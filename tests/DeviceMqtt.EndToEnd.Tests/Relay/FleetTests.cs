namespace DeviceMqtt.EndToEnd.Tests.Relay;

/// <summary>Several gateways tell one mosquitto how they fare, and one command shows them.</summary>
[TestClass]
public sealed class FleetTests
{
    [TestMethod]
    public async Task Fleet_TwoGateways_BothInTheTableAndTheOneThatDiedFirst()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        await using MosquittoSub watcher = await MosquittoSub.Start(upstream, "gateway/+", "presence/+");
        await using GatewayProcess one = await Start(upstream, "hall-1");
        await using GatewayProcess two = await Start(upstream, "hall-2");
        foreach (string name in new[] { "hall-1", "hall-2" })
            await watcher.Messages.WaitFor(m => m.Topic == $"gateway/{name}" && m.Text.Contains("\"instance\":", StringComparison.Ordinal), $"what {name} tells");

        (int exitCode, string[] lines) = await Ask(upstream);
        Assert.AreEqual(0, exitCode, string.Join('\n', lines));
        Assert.HasCount(3, lines);

        await two.Process.Kill();
        await watcher.Messages.WaitFor(static m => (m.Topic, m.Text) == ("presence/hall-2", "false"), "the Will of the gateway");
        (exitCode, lines) = await Ask(upstream);
        Assert.AreEqual(1, exitCode, string.Join('\n', lines));
        StringAssert.StartsWith(lines[1], "hall-2   away", StringComparison.Ordinal);
        Assert.AreEqual("hall-2: it is away, says its Will", lines[^1]);
    }

    [TestMethod]
    public async Task Fleet_NobodyTells_SaysWhatIsMissingAndExits2()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        await using ChildProcess fleet = GatewayProcess.LaunchExactly(["fleet", "status", $"127.0.0.1:{upstream.Port}"]);
        Assert.AreEqual(2, await fleet.WaitForExit(), fleet.Transcript());
        StringAssert.Contains(Assert.ContainsSingle(fleet.Errors.Items), "each needs a rule for $gw/gateway", StringComparison.Ordinal);
    }

    private static Task<GatewayProcess> Start(MosquittoBroker upstream, string name) => GatewayProcess.Start(
        "--upstream", $"mqtt://127.0.0.1:{upstream.Port}", "--set", $"Relay:ClientId={name}", "--set", "Relay:Rules:0:Filter=$gw/gateway", "--set", "Relay:Rules:0:Topic=gateway/{gateway}", "--set", "Relay:Rules:0:BufferQoS0=false");

    private static async Task<(int ExitCode, string[] Lines)> Ask(MosquittoBroker upstream)
    {
        await using ChildProcess fleet = GatewayProcess.LaunchExactly(["fleet", "status", $"127.0.0.1:{upstream.Port}"]);
        int exitCode = await fleet.WaitForExit();
        return (exitCode, [.. fleet.Output.Items]);
    }
}
