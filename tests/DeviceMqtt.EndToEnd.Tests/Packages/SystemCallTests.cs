using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using DeviceMqtt.EndToEnd.Tests.Tree;

namespace DeviceMqtt.EndToEnd.Tests.Packages;

/// <summary>
/// The unit's SystemCallFilter lets through what the gateway calls. It once did not: .NET binds its threads to cores with sched_setaffinity and
/// does not start without, so the service of the package never came up ("Failed to create CoreCLR"), and no test had it under systemd.
/// </summary>
[TestClass]
public sealed partial class SystemCallTests
{
    // Asked for, and done without where the answer is EPERM: the priority of a thread, memory on one node of many.
    private static readonly string[] DoneWithout = ["sched_setscheduler", "set_mempolicy", "mbind", "setpriority", "io_uring_setup"];

    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(1); // each call is stopped twice

    [TestMethod]
    public async Task Gateway_FromStartToStop_CallsNothingThatTheUnitDenies()
    {
        string strace = OutsideProgram.Require("strace", "strace");
        string systemd = OutsideProgram.Require("systemd-analyze", "systemd");
        HashSet<string> allowed = await Allowed(systemd);
        using TestFolder folder = new();
        string trace = folder.File("trace");
        string publisher = OutsideProgram.Require("mosquitto_pub", "mosquitto-clients");
        await Succeeds(GatewayProcess.LaunchExactly(["cert", "init", "--data", folder.File("data"), "--config", folder.Write("settings.json", "{}")]));
        // -D: strace is the child of the gateway, and signals reach the gateway.
        await using ChildProcess gateway = GatewayProcess.LaunchBy(
            [strace, "-D", "--follow-forks", "--quiet=all", "--summary-only", "--output", trace], ["--data", folder.File("data"), "--listen", "127.0.0.1:0", "--listen", "mqtts://127.0.0.1:0", "--http", "127.0.0.1:0", "--upstream", $"mqtt://127.0.0.1:{FreePorts.Take()}"]);
        string line = await gateway.Output.WaitFor(static text => text.StartsWith("listening mqtt ", StringComparison.Ordinal), "the gateway", patience: Slow);
        using (TcpClient client = new())
        {
            await client.ConnectAsync(IPEndPoint.Parse(line.Split(' ')[^1]));
            await client.GetStream().WriteAsync(RawBytes.Connect("traced"));
            await client.GetStream().ReadExactlyAsync(new byte[4]);
        }

        // What waits for the upstream goes to the disk; then over TLS, and what an operator does meanwhile.
        string secure = await gateway.Output.WaitFor(static text => text.StartsWith("listening mqtts ", StringComparison.Ordinal), "TLS", patience: Slow);
        foreach (string[] to in (string[][])[["-p", Port(line)], ["-p", Port(secure), "--cafile", folder.File("data/tls/ca.pem"), "-h", "localhost"]])
            await Succeeds(ChildProcess.Start(publisher, [.. to, "-i", "traced", "-q", "1", "-t", "a", "-m", "b", "--repeat", "50"]));
        foreach (string[] words in (string[][])[["reload"], ["backup", folder.File("backup")], ["device", "list"], ["trace", "--client", "traced"]])
            await Succeeds(GatewayProcess.LaunchExactly([.. words, "--data", folder.File("data")]));

        gateway.Terminate();
        Assert.AreEqual(0, await gateway.WaitForExit(Slow), gateway.Transcript());

        string[] called = [.. Row().Matches(await File.ReadAllTextAsync(trace)).Select(static match => match.Groups["name"].Value).Where(static name => name != "total")];
        Assert.IsGreaterThan(50, called.Length);
        Assert.Contains("sched_setaffinity", called);
        string[] denied = [.. called.Where(name => !allowed.Contains(name) && !DoneWithout.Contains(name))];
        Assert.IsEmpty(denied, string.Join(' ', denied));
        // It denies clock_adjtime whatever the filter says: the gateway could not ask whether the clock of the machine is right.
        Assert.DoesNotContain("\nProtectClock=true", Repository.Read(Path.Combine("gateway", "packaging", "devicemqtt.service")), StringComparison.Ordinal);
    }

    private static string Port(string line) => IPEndPoint.Parse(line.Split(' ')[2]).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static async Task Succeeds(ChildProcess process)
    {
        await using (process)
            Assert.AreEqual(0, await process.WaitForExit(Slow), process.Transcript());
    }

    // systemd.exec(5): the first line says that it is a list of what is allowed, each further one adds to it or, with ~, takes away.
    private static async Task<HashSet<string>> Allowed(string systemd)
    {
        HashSet<string> allowed = new(StringComparer.Ordinal);
        foreach (Match filter in Filter().Matches(Repository.Read(Path.Combine("gateway", "packaging", "devicemqtt.service"))))
        {
            string words = filter.Groups["words"].Value;
            foreach (string word in words.TrimStart('~').Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                HashSet<string> calls = await CallsOf(systemd, word);
                if (words.StartsWith('~'))
                    allowed.ExceptWith(calls);
                else
                    allowed.UnionWith(calls);
            }
        }

        // Always allowed, so that the filter itself can be set up (the same page).
        allowed.UnionWith(await CallsOf(systemd, "@default"));
        return allowed;
    }

    private static async Task<HashSet<string>> CallsOf(string systemd, string word)
    {
        if (!word.StartsWith('@'))
            return [word];
        await using ChildProcess list = ChildProcess.Start(systemd, ["--no-pager", "syscall-filter", word]);
        Assert.AreEqual(0, await list.WaitForExit(), list.Transcript());
        HashSet<string> calls = new(StringComparer.Ordinal);
        foreach (string line in list.Output.Items.Select(static line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#') && line != word))
            calls.UnionWith(await CallsOf(systemd, line));
        return calls;
    }

    [GeneratedRegex(@"^SystemCallFilter=(?<words>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Filter();

    // The last word of a row of the summary.
    [GeneratedRegex(@"^ *[0-9.]+ .* (?<name>[a-z_0-9]+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
