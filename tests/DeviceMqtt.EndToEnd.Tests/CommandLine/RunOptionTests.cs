using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>Each option of `run`, alone and against the other places where a setting can come from.</summary>
[TestClass]
public sealed class RunOptionTests
{
    [TestMethod]
    public async Task Listen_GivenTwice_BothAddressesAreServedByOneBroker()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartExactly(
            ["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--http", "off"], listeners: 2, http: false);
        Assert.HasCount(2, gateway.Ports.Distinct());

        await using RawMqtt first = await RawMqtt.Connect(gateway.At(gateway.Ports[0]), "first");
        await first.Subscribe("a");
        await using RawMqtt second = await RawMqtt.Connect(gateway.At(gateway.Ports[1]), "second");
        await second.Send(RawBytes.Publish("a", "across"));

        Assert.AreEqual("across", (await first.Next(RawType.Publish)).Text);
    }

    [TestMethod]
    public async Task Http_Off_NothingButMqttIsListenedFor()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartExactly(
            ["--listen", "127.0.0.1:0", "--http", "off"], listeners: 1, http: false);
        Assert.AreEqual(0, await gateway.Stop());

        Assert.DoesNotContain("http", string.Join(' ', gateway.Process.Output.Items), StringComparison.OrdinalIgnoreCase);
    }

    [TestMethod]
    public async Task Http_Address_WebSocketClientIsServed()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt client = await RawMqtt.OpenWebSocket(gateway);

        await client.Send(RawBytes.Connect("browser"));

        Assert.AreEqual("0000", (await client.Next(RawType.ConnAck)).Hex);
    }

    [TestMethod]
    public async Task Run_NotNamed_IsTheDefault()
    {
        using TestFolder data = new();
        await using ChildProcess process = GatewayProcess.LaunchExactly(["--listen", "127.0.0.1:0", "--http", "off", "--data", data.Path]);

        await process.Output.WaitFor(line => line.StartsWith("listening mqtt 127.0.0.1:", StringComparison.Ordinal), "the listening line");
    }

    [TestMethod]
    public async Task Data_NotGiven_IsUnderTheUsersLocalApplicationData()
    {
        using TestFolder home = new();
        Dictionary<string, string> environment = new() { ["HOME"] = home.Path, ["XDG_DATA_HOME"] = home.File("share") };
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("needs a home folder that an environment variable can move, which Windows does not have");
        }

        await using ChildProcess process = GatewayProcess.LaunchExactly(["run", "--listen", "127.0.0.1:0", "--http", "off"], environment);
        await process.Output.WaitFor(line => line.StartsWith("listening mqtt ", StringComparison.Ordinal), "the listening line");

        Assert.IsTrue(Directory.Exists(home.File("share/DeviceMqtt")), "the data folder");
    }

    [TestMethod]
    public async Task Listen_NotGiven_IsLoopbackPort1883()
    {
        using TestFolder data = new();
        await using ChildProcess process = GatewayProcess.LaunchExactly(["run", "--http", "off", "--data", data.Path]);

        // Another broker may well have that port on this machine; then the refusal names it.
        Task<string> listening = process.Output.WaitFor(line => line == "listening mqtt 127.0.0.1:1883", "the listening line");
        Task<string> refused = process.Errors.WaitFor(line => line.Contains("127.0.0.1:1883", StringComparison.Ordinal), "the port in use");
        Task<string> first = await Task.WhenAny(listening, refused);

        // One that cannot listen ends, and with it the lines that the other one waits for: that may be seen first.
        await (first.IsFaulted ? first == listening ? refused : listening : first);
    }

    [TestMethod]
    public async Task Config_File_ItsSettingsHold()
    {
        using TestFolder folder = new();
        string file = folder.Write(
            "gateway.json", """{ "Listen": [ "127.0.0.1:0", "127.0.0.1:0" ], "Http": "off", "Limits": { "PacketBytesMax": 500 } }""");

        await using GatewayProcess gateway = await GatewayProcess.StartExactly(["--config", file], listeners: 2, http: false);

        await AssertPacketBytesMax(gateway, 500);
    }

    [TestMethod]
    public async Task Environment_Variable_ItsSettingHolds()
    {
        Dictionary<string, string> environment = new() { ["DEVICEMQTT__Limits__PacketBytesMax"] = "600", ["DEVICEMQTT__Http"] = "off" };

        await using GatewayProcess gateway = await GatewayProcess.StartExactly(["--listen", "127.0.0.1:0"], listeners: 1, http: false, environment);

        await AssertPacketBytesMax(gateway, 600);
    }

    [TestMethod]
    public async Task Set_AboveEnvironmentAboveFile_TheLaterOneWins()
    {
        using TestFolder folder = new();
        string file = folder.Write(
            "gateway.json", """{ "Limits": { "PacketBytesMax": 700, "ClientIdBytesMax": 30, "TopicLevelsMax": 4 }, "Http": "off" }""");
        Dictionary<string, string> environment = new() { ["DEVICEMQTT__Limits__PacketBytesMax"] = "800", ["DEVICEMQTT__Limits__ClientIdBytesMax"] = "40" };

        await using GatewayProcess gateway = await GatewayProcess.StartExactly(
            ["--listen", "127.0.0.1:0", "--config", file, "--set", "Limits:PacketBytesMax=900"], listeners: 1, http: false, environment);

        await AssertPacketBytesMax(gateway, 900);
        await using (RawMqtt longName = await RawMqtt.Connect(gateway, new string('x', 40)))
        {
            await longName.Send(RawBytes.Publish("a/b/c/d", "four levels"), RawBytes.PingReq);
            await longName.Next(RawType.PingResp);
            await longName.Send(RawBytes.Publish("a/b/c/d/e", "five levels"));
            await longName.WaitForClose();
        }

        await using RawMqtt tooLong = await RawMqtt.Open(gateway);
        await tooLong.Send(RawBytes.Connect(new string('x', 41)));
        Assert.AreEqual("0002", (await tooLong.Next(RawType.ConnAck)).Hex);
    }

    [TestMethod]
    public async Task Set_UserAndPassword_OnlyTheyConnect()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start("--set", "Security:Users:maria=s3cret", "--set", "Security:Roles:maria=operator");
        string topic = Unique.Name("topic");

        await using ChildProcess wrong = MosquittoPub.Launch(gateway, topic, "x", qos: 1, "wrong", "maria", "guess");
        Assert.AreNotEqual(0, await wrong.WaitForExit());
        await using ChildProcess right = MosquittoPub.Launch(gateway, topic, "x", qos: 1, "right", "maria", "s3cret");
        Assert.AreEqual(0, await right.WaitForExit(), right.Transcript());
    }

    [TestMethod]
    public async Task Help_Asked_NamesEveryOptionAndSucceeds()
    {
        await using ChildProcess process = GatewayProcess.LaunchExactly(["run", "--help"]);

        Assert.AreEqual(0, await process.WaitForExit());
        string help = string.Join('\n', process.Output.Items);
        foreach (string option in (string[])["--listen", "--http", "--data", "--upstream", "--config", "--set"])
        {
            Assert.Contains(option, help, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public async Task Listen_Loopback_NotReachableFromOutside()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        IPAddress? outside = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        if (outside is null)
        {
            Assert.Inconclusive("needs a network address besides loopback, which this machine does not have");
        }

        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsExactlyAsync<SocketException>(() => socket.ConnectAsync(outside, gateway.Port));
    }

    private static async Task AssertPacketBytesMax(GatewayProcess gateway, int bytes)
    {
        const string Topic = "t";
        int payloadBytes = bytes - 1 - RawBytes.RemainingLength(bytes).Length - 2 - Topic.Length;
        await using RawMqtt client = await RawMqtt.Connect(gateway, Unique.Name("client"));
        await client.Send(RawBytes.Publish(Topic, new byte[payloadBytes]), RawBytes.PingReq);
        await client.Next(RawType.PingResp);

        await client.SendUntilClosed(RawBytes.Publish(Topic, new byte[payloadBytes + 1]));

        await client.WaitForClose();
    }
}
