namespace DeviceMqtt.EndToEnd.Tests.Boards;

/// <summary>The first command of README.md.</summary>
[TestClass]
public sealed class DemoTests
{
    [TestMethod]
    public async Task Demo_Once_AllOfItHappensAndExitCodeIs0()
    {
        await using ChildProcess demo = Launch("--once");

        Assert.AreEqual(0, await demo.WaitForExit(TimeSpan.FromMinutes(1)), demo.Transcript());
        Assert.Contains("All of it happened.", demo.Output.Items);
    }

    [TestMethod]
    public async Task Demo_OnceWithMosquittoAsUpstream_AllOfItHappensAndExitCodeIs0()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        await using ChildProcess demo = Launch("--once", "--upstream", $"mqtt://{BrokerUnderTest.Host}:{upstream.Port}");

        Assert.AreEqual(0, await demo.WaitForExit(TimeSpan.FromMinutes(1)), demo.Transcript());
        Assert.Contains("All of it happened.", demo.Output.Items);
    }

    [TestMethod]
    public async Task Demo_WithoutOnce_StaysUpUntilCtrlC()
    {
        await using ChildProcess demo = Launch();

        await demo.Output.WaitFor(line => line.StartsWith("Everything stays up until Ctrl-C", StringComparison.Ordinal), "the end of the story");
        demo.Interrupt();

        Assert.AreEqual(0, await demo.WaitForExit(), demo.Transcript());
    }

    [TestMethod]
    public async Task Demo_UpstreamThatIsNotThere_SaysSoAndFails()
    {
        await using ChildProcess demo = Launch("--once", "--upstream", $"mqtt://{BrokerUnderTest.Host}:{FreePorts.Take()}");

        Assert.AreEqual(1, await demo.WaitForExit(TimeSpan.FromMinutes(1)), demo.Transcript());
    }

    private static ChildProcess Launch(params string[] arguments) =>
        ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "DeviceMqtt.Simulator.dll"), "demo", .. arguments]);
}
