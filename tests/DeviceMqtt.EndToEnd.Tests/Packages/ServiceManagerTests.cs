using System.Net.Sockets;
using System.Text;
using DeviceMqtt.EndToEnd.Tests.Tree;

namespace DeviceMqtt.EndToEnd.Tests.Packages;

/// <summary>What systemd hears of the gateway (sd_notify(3)), and what its unit allows.</summary>
[TestClass]
public sealed class ServiceManagerTests
{
    [TestMethod]
    public async Task Gateway_StartedBySystemd_SaysReadyAliveAndStopping()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("needs Unix domain sockets for datagrams");
        using TestFolder folder = new();
        string path = Path.Combine(folder.Path, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        Dictionary<string, string> environment = new() { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = "30000000" };
        await using GatewayProcess gateway = await GatewayProcess.StartExactly(["--listen", "127.0.0.1:0", "--http", "off"], listeners: 1, http: false, environment);

        string ready = await Receive(manager);
        StringAssert.StartsWith(ready, "READY=1\n", StringComparison.Ordinal);
        StringAssert.Contains(ready, $":{gateway.Port}", StringComparison.Ordinal);
        for (int beat = 0; beat < 2; beat++)
            Assert.AreEqual("WATCHDOG=1", await Receive(manager));
        gateway.Process.Terminate();
        string last;
        do
            last = await Receive(manager);
        while (last == "WATCHDOG=1");
        Assert.AreEqual("STOPPING=1", last);
        Assert.AreEqual(0, await gateway.Process.WaitForExit());
    }

    [TestMethod]
    public async Task Unit_IsRightAndHardened()
    {
        string unit = Path.Combine(Repository.Root, "gateway", "packaging", "devicemqtt.service");
        string systemd = OutsideProgram.Require("systemd-analyze", "systemd");
        await using ChildProcess analysis = ChildProcess.Start(systemd, ["security", "--offline=true", "--threshold=20", unit]);
        // The exposure, times ten: a unit that is more open than 2.0 ends with an error.
        Assert.AreEqual(0, await analysis.WaitForExit(), analysis.Transcript());
        await using ChildProcess check = ChildProcess.Start(systemd, ["verify", "--man=false", unit]);
        _ = await check.WaitForExit();
        // Where the package is not installed the program is not there; nothing else may be wrong.
        string[] wrong = [.. check.Transcript().Split('\n').Where(static line => line.Contains("devicemqtt.service", StringComparison.Ordinal) && !line.Contains("is not executable", StringComparison.Ordinal))];
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    private static async Task<string> Receive(Socket manager)
    {
        byte[] buffer = new byte[4096];
        using CancellationTokenSource timeout = new(Patience.Default);
        int length = await manager.ReceiveAsync(buffer, timeout.Token);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
