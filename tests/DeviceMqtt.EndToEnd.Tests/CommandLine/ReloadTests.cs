using System.Globalization;
using System.Runtime.InteropServices;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>Other settings for a gateway that runs: no client is disconnected, what is wrong changes nothing, what needs a restart is named.</summary>
[TestClass]
public sealed partial class ReloadTests
{
    private const int SigHup = 1;

    [TestMethod]
    public async Task Reload_LimitsRulesAndLevel_CountAtOnceAndNoClientIsDropped()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        using TestFolder folder = new();
        string file = Write(folder, upstream, """ "Limits": { "InflightMax": 10 }, "Relay": { "Rules": [ { "Filter": "a/#" } ] } """);
        await using GatewayProcess gateway = await GatewayProcess.Start("--config", file);
        await using MosquittoSub above = await MosquittoSub.Start(upstream, "a/#", "b/#");
        await using MosquittoSub stays = await MosquittoSub.Start(gateway, "down/#", "here");
        await MosquittoPub.Send(gateway, "a/1", "before", qos: 1);
        await above.Messages.WaitFor(m => m.Text == "before", "the message of the first rule");

        Write(folder, upstream, """ "Limits": { "InflightMax": 20, "ReceiveMaximum": 7 }, "Log": { "Level": "Debug" }, "Relay": { "Rules": [ { "Filter": "b/#" }, { "Direction": "In", "Filter": "down/#" } ] } """);
        (int exitCode, string said) = await Run("reload", "--data", gateway.DataFolder);

        Assert.AreEqual(0, exitCode, said);
        StringAssert.Contains(said, "Limits:InflightMax is 20, it was 10", StringComparison.Ordinal);
        StringAssert.Contains(said, "Log:Level is Debug, it was Information", StringComparison.Ordinal);
        StringAssert.Contains(said, "needs a restart: Limits:ReceiveMaximum is 7, it was 1000", StringComparison.Ordinal);
        await MosquittoPub.Send(gateway, "a/1", "no more", qos: 1);
        await MosquittoPub.Send(gateway, "b/1", "after", qos: 1);
        await above.Messages.WaitFor(m => m.Text == "after", "the message of the new rule");
        Assert.IsFalse(above.Messages.Items.Any(static m => m.Text == "no more"), "the old rule still counts");
        await upstream.Log.WaitFor(static line => line.Contains("down/#", StringComparison.Ordinal) && line.Contains("SUBSCRIBE", StringComparison.Ordinal) || line.EndsWith("1 down/#", StringComparison.Ordinal), "the subscription of the new rule");
        await MosquittoPub.Send(upstream, "down/1", "from above", qos: 1);
        await stays.Messages.WaitFor(m => m.Text == "from above", "what the new rule brings down");
        await gateway.Process.Output.WaitFor(static line => line.Contains(" debug ", StringComparison.Ordinal), "a line at the new level");
        Assert.AreEqual(0, stays.Log.Items.Count(static line => line.Contains("sending CONNECT", StringComparison.Ordinal)) - 1, "the client had to connect again");
    }

    [TestMethod]
    public async Task Reload_TopicsThatNeedNotBeDurable_CountAtOnce()
    {
        using TestFolder folder = new();
        string file = folder.Write("gateway.json", "{ }");
        await using GatewayProcess gateway = await GatewayProcess.Start("--config", file);
        SubscriberOptions away = new() { ClientId = "away", QoS = 1, CleanSession = false };
        await (await MosquittoSub.Start(gateway, away, "a/#")).DisconnectAndDispose();
        await MosquittoPub.Send(gateway, "a/1", "on disk", qos: 1);
        folder.Write("gateway.json", """{ "Topics": [ { "Filter": "a/#", "Durable": false } ] }""");

        (int exitCode, string said) = await Run("reload", "--data", gateway.DataFolder);

        Assert.AreEqual(0, exitCode, said);
        StringAssert.Contains(said, "Topics:0:Filter is a/#", StringComparison.Ordinal);
        await MosquittoPub.Send(gateway, "a/1", "in memory", qos: 1);
        (_, said) = await Run("status", "--data", gateway.DataFolder);
        StringAssert.Contains(said, "Session: 1 accepted", StringComparison.Ordinal);
        StringAssert.Contains(said, "Volatile: 1 accepted", StringComparison.Ordinal);
        await using MosquittoSub back = await MosquittoSub.Start(gateway, away, "a/#");
        Assert.AreSequenceEqual(["on disk", "in memory"], (await back.Messages.WaitForCount(2)).Select(static m => m.Text).ToArray());
    }

    [TestMethod]
    [LongDataRow("{ \"Limits\": ", "line 1, column 13")]
    [DataRow("{\n \"Limits\": { \"InflightMax\": -1 } }", "line 2: Limits:InflightMax is -1")]
    [LongDataRow("{\n \"Security\": { \"Roles\": { \"nobody\": \"operator\" } } }", "line 2: Security:Roles:nobody")]
    public async Task Reload_WrongFile_NamedWithItsLineAndNothingChanges(string wrong, string named)
    {
        using TestFolder folder = new();
        string file = folder.Write("gateway.json", """{ "Security": { "Users": { "maria": "s3cret-s3cret" } } }""");
        await using GatewayProcess gateway = await GatewayProcess.Start("--config", file);
        folder.Write("gateway.json", wrong);

        (int exitCode, string said) = await Run("reload", "--data", gateway.DataFolder);

        Assert.AreEqual(2, exitCode, said);
        StringAssert.Contains(said, named, StringComparison.Ordinal);
        StringAssert.Contains(said, "nothing has changed", StringComparison.Ordinal);
        await using ChildProcess anonymous = MosquittoPub.Launch(gateway, "a", "x", qos: 1, "anonymous");
        Assert.AreNotEqual(0, await anonymous.WaitForExit(), "the user is not needed any more");
    }

    [TestMethod]
    public async Task Hangup_UserTakenAway_ItsConnectionEndsAndTheLogSaysIt()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("there is no SIGHUP");
        using TestFolder folder = new();
        string file = folder.Write("gateway.json", """{ "Security": { "AllowAnonymous": true, "AnonymousRole": "operator", "Users": { "maria": "s3cret-s3cret" } } }""");
        await using GatewayProcess gateway = await GatewayProcess.Start("--config", file);
        await using MosquittoSub maria = await MosquittoSub.Start(gateway, new SubscriberOptions { ClientId = "maria", UserName = "maria", Password = "s3cret-s3cret" }, "dm/maria/#");
        await using MosquittoSub other = await MosquittoSub.Start(gateway, new SubscriberOptions { ClientId = "stays" }, "dm/stays/#");
        folder.Write("gateway.json", """{ "Security": { "AllowAnonymous": true, "AnonymousRole": "operator", "Users": { "ben": "another-0ne" } } }""");

        Assert.AreEqual(0, Kill(gateway.Process.Id, SigHup));

        await gateway.Process.Output.WaitFor(static line => line.Contains("the settings were read again: Security:Users:ben (new); Security:Users:maria (gone)", StringComparison.Ordinal), "what has changed, without passwords");
        await gateway.Process.Output.WaitFor(static line => line.Contains("RightsChanged", StringComparison.Ordinal), "the end of maria's connection");
        Assert.DoesNotContain("another-0ne", gateway.Transcript(), StringComparison.Ordinal);
        await MosquittoPub.Send(gateway, "dm/stays/x", "still", qos: 1);
        await other.Messages.WaitFor(m => m.Text == "still", "the message to the client that stays");
    }

    [TestMethod]
    public async Task Hangup_WhileItStarts_KeptUntilItRuns()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("there is no SIGHUP");
        using TestFolder folder = new();
        // A pipe can be opened for writing once the gateway reads its settings: it has then begun to start, and cannot go on.
        string pipe = folder.File("gateway.json");
        await using (ChildProcess make = ChildProcess.Start(OutsideProgram.Require("mkfifo", "coreutils"), [pipe]))
            Assert.AreEqual(0, await make.WaitForExit(), make.Transcript());
        await using ChildProcess gateway = GatewayProcess.Launch(["--data", folder.File("data"), "--listen", "127.0.0.1:0", "--config", pipe]);
        await using (FileStream settings = await OpenOnceItIsRead(pipe))
        {
            Assert.AreEqual(0, Kill(gateway.Id, SigHup));
            await settings.WriteAsync("""{ "Security": { "Users": { "maria": "s3cret-s3cret" } } }"""u8.ToArray());
        }

        await gateway.Output.WaitFor(static line => line.StartsWith("listening mqtt ", StringComparison.Ordinal), "the start");
        await using (FileStream settings = await OpenOnceItIsRead(pipe))
            await settings.WriteAsync("""{ "Security": { "Users": { "ben": "another-0ne" } } }"""u8.ToArray());
        await gateway.Output.WaitFor(static line => line.Contains("the settings were read again: Security:Users:ben (new); Security:Users:maria (gone)", StringComparison.Ordinal), "what has changed");
        gateway.Terminate();
        Assert.AreEqual(0, await gateway.WaitForExit(), gateway.Transcript());
    }

    [TestMethod]
    public async Task Reload_NoGateway_OneLineAndExits1()
    {
        using TestFolder folder = new();
        await using ChildProcess reload = GatewayProcess.LaunchExactly(["reload", "--data", folder.Path]);
        await Refusal.OneLine(reload, exitCode: 1, $"no gateway runs with the data folder '{folder.Path}'");
    }

    private static Task<FileStream> OpenOnceItIsRead(string pipe) =>
        Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)).WaitAsync(Patience.Default);

    private static string Write(TestFolder folder, MosquittoBroker upstream, string more) =>
        folder.Write("gateway.json", string.Create(CultureInfo.InvariantCulture, $"{{ \"Upstream\": \"mqtt://127.0.0.1:{upstream.Port}\", {more} }}"));

    private static async Task<(int ExitCode, string Said)> Run(params string[] words)
    {
        await using ChildProcess command = GatewayProcess.LaunchExactly(words);
        return (await command.WaitForExit(), command.Transcript());
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
