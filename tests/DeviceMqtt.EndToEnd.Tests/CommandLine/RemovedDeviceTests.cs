using System.Text.Json;
using DeviceMqtt.EndToEnd.Tests.Durability;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>A device that is removed leaves nothing to one that is added under its name, whatever the gateway does meanwhile.</summary>
[TestClass]
public sealed class RemovedDeviceTests
{
    private const string Name = "board-1";
    private const string ClientId = "GID_home@@@board-1";
    private const string Sender = "ops";
    private const string SenderPassword = "a-long-password";

    /// <summary>What happens around the removal.</summary>
    public enum Meanwhile
    {
        /// <summary>The gateway runs, and its client sees the end before the name is given again.</summary>
        Runs,

        /// <summary>The gateway runs, and the name is given again before it has looked.</summary>
        RunsOn,

        /// <summary>The gateway is stopped in good order for both commands.</summary>
        IsStopped,

        /// <summary>The gateway is killed between the two commands.</summary>
        IsKilled,
    }

    [TestMethod]
    [DataRow(Meanwhile.Runs), LongDataRow(Meanwhile.RunsOn), LongDataRow(Meanwhile.IsStopped), DataRow(Meanwhile.IsKilled)]
    public async Task Device_RemovedWhileConnectedAndAddedAgain_LeavesNothingToTheNext(Meanwhile gatewayIs)
    {
        await using KillableGateway gateway = await KillableGateway.Start();
        using TestFolder files = new();
        await Run(gateway, "user", "add", Sender, "--role", "operator", "--password-file", files.Write("password", SenderPassword + "\n"));
        string former = await AddAsync(gateway);
        RawMqtt sender = await SenderAsync(gateway);
        await sender.Subscribe($"$gw/receipt/{Sender}", qos: 1);
        await using RawMqtt board = await BoardAsync(gateway, former);
        await board.Subscribe($"dm/{Name}/state", qos: 1);
        await SendAsync(sender, "k1", 1);
        await SendAsync(sender, "k2", 2);
        StringAssert.Contains((await board.Next(RawType.Publish)).Text, "k1", StringComparison.Ordinal, "in flight, and never acknowledged; k2 waits behind it");

        if (gatewayIs == Meanwhile.IsStopped)
            await StopAsync(gateway, sender);
        await Run(gateway, "device", "remove", Name);
        if (gatewayIs == Meanwhile.Runs)
            await board.WaitForClose();
        if (gatewayIs == Meanwhile.IsKilled)
        {
            await gateway.Kill();
            await sender.DisposeAsync();
        }

        string password = await AddAsync(gateway);
        Assert.AreNotEqual(former, password);
        if (gatewayIs is Meanwhile.IsStopped or Meanwhile.IsKilled)
        {
            await gateway.Up();
            sender = await SenderAsync(gateway);
        }

        await board.WaitForClose();
        Assert.AreNotEqual(0, (await ConnectAsync(gateway, former)).Answer.Body[1], "the former one's password");
        (RawMqtt next, RawPacket answer) = await ConnectAsync(gateway, password);
        Assert.AreEqual(("00", 0), (answer.Body[0].ToString("X2", null), answer.Body[1]), "no Session, and let in");
        await ToldAsync(sender, "k1");
        await ToldAsync(sender, "k2");
        await sender.Subscribe($"presence/{ClientId}");
        Assert.AreEqual("false", (await sender.Packets.WaitFor(static packet => packet.Type == RawType.Publish && packet.Topic == $"presence/{ClientId}", "the former one's presence")).Text);
        await SendAsync(sender, "k3", 3);
        StringAssert.Contains((await next.Next(RawType.Publish)).Text, "k3", StringComparison.Ordinal, "the first that the new one gets");
        await next.DisposeAsync();
        await sender.DisposeAsync();
    }

    private static async Task StopAsync(KillableGateway gateway, RawMqtt sender)
    {
        gateway.Process.Terminate();
        Assert.AreEqual(0, await gateway.Process.WaitForExit());
        await gateway.Kill();
        await sender.DisposeAsync();
    }

    private static Task<RawPacket> ToldAsync(RawMqtt sender, string id) => sender.Packets.WaitFor(
        packet => packet.Type == RawType.Publish && packet.Topic.StartsWith("$gw/receipt/", StringComparison.Ordinal) && packet.Text.Contains($"\"{id}\"", StringComparison.Ordinal)
            && packet.Text.Contains("\"dropped\"", StringComparison.Ordinal) && packet.Text.Contains("\"removed\"", StringComparison.Ordinal), $"the receipt that {id} was dropped");

    private static async Task SendAsync(RawMqtt sender, string id, int packetId)
    {
        await sender.Send(RawBytes.Publish($"dm/p2p/{ClientId}", $$"""{"id":"{{id}}","cmd":"ping","from":"{{Sender}}"}""", qos: 1, packetId));
        await sender.Packets.WaitFor(packet => packet.Type == RawType.PubAck && packet.PacketId == packetId, $"the acknowledgement of {id}");
    }

    private static async Task<RawMqtt> SenderAsync(KillableGateway gateway)
    {
        RawMqtt sender = await RawMqtt.Open(gateway);
        await sender.Send(RawBytes.Connect(Sender, clean: false, user: (Sender, SenderPassword)));
        Assert.AreEqual(0, (await sender.Next(RawType.ConnAck)).Body[1]);
        return sender;
    }

    // With presence, a Will, and a birth that says it takes one command at a time.
    private static async Task<RawMqtt> BoardAsync(KillableGateway gateway, string password)
    {
        (RawMqtt board, RawPacket answer) = await ConnectAsync(gateway, password);
        Assert.AreEqual(0, answer.Body[1]);
        await board.Send(RawBytes.Publish($"presence/{ClientId}", "true", qos: 1, packetId: 1, retain: true));
        await board.Next(RawType.PubAck);
        string birth = $$"""{"id":"{{ClientId}}","fw":"1.2","board":"esp","b":1,"up":1,"win":1,"tele":{},"cmd":["ping"]}""";
        await board.Send(RawBytes.Publish($"dm/{Name}/info", birth, qos: 1, packetId: 2, retain: true));
        await board.Next(RawType.PubAck);
        return board;
    }

    private static async Task<(RawMqtt Connection, RawPacket Answer)> ConnectAsync(KillableGateway gateway, string password)
    {
        RawMqtt board = await RawMqtt.Open(gateway);
        await board.Send(RawBytes.Connect(ClientId, clean: false, will: new Will($"presence/{ClientId}", "false", QoS: 1, Retain: true), user: (Name, password)));
        return (board, await board.Next(RawType.ConnAck));
    }

    /// <summary>Adds the device, and returns its password.</summary>
    private static async Task<string> AddAsync(KillableGateway gateway)
    {
        await Run(gateway, "device", "add", Name, "--board", "esp32-devkitc", "--wifi", "home", "--wifi-open", "--gateway", "127.0.0.1");
        string settings = Path.Combine(gateway.DataFolder, "devices", Name, "settings.json");
        return JsonDocument.Parse(await File.ReadAllTextAsync(settings)).RootElement.GetProperty("password").GetString()!;
    }

    private static async Task Run(KillableGateway gateway, params string[] words)
    {
        await using ChildProcess command = GatewayProcess.LaunchExactly([.. words, "--data", gateway.DataFolder]);
        Assert.AreEqual(0, await command.WaitForExit(), command.Transcript());
    }
}
