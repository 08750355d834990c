using System.Net.Sockets;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>A process that may have few files open: it says so, and what it has taken in goes on, whatever comes besides.</summary>
[TestClass]
public sealed class OpenFilesTests
{
    private const int WrongSetting = 2;

    [TestMethod]
    public async Task Run_WithHardlyAnyFiles_OneLineSaysHowManyItNeeds()
    {
        using TestFolder data = new();
        await using ChildProcess process = GatewayProcess.LaunchWithFewFiles(["--listen", "127.0.0.1:0", "--http", "off", "--data", data.Path], files: 150);

        await Refusal.OneLine(process, WrongSetting, "may have 150 files open");
    }

    [TestMethod]
    public async Task Run_WithFewFiles_KeepsMessagesWhileMoreThanFitConnect()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartExactly(["--listen", "127.0.0.1:0", "--http", "off", "--set", "Limits:JournalBytesMax=134217728"], listeners: 1, http: false, openFiles: 300);
        await using RawMqtt honest = await RawMqtt.Connect(gateway, "honest");
        List<Socket> idle = [];
        try
        {
            for (int i = 0; i < 400; i++)
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
                idle.Add(socket);
                await socket.ConnectAsync("127.0.0.1", gateway.Port);
            }

            await honest.Send(RawBytes.Publish("kept", "on the disk", qos: 1, packetId: 7, retain: true));
            Assert.AreEqual(7, (await honest.Next(RawType.PubAck)).PacketId);
        }
        finally
        {
            foreach (Socket socket in idle)
                socket.Dispose();
        }

        await using MosquittoSub reader = await MosquittoSub.Start(gateway, "kept");
        Assert.AreEqual("on the disk", (await reader.Messages.WaitForCount(1))[0].Text);
        Assert.AreEqual(0, await gateway.Stop());
        Assert.IsTrue(gateway.Process.Errors.Items.Concat(gateway.Process.Output.Items).Any(static l => l.Contains("may have 300 files open", StringComparison.Ordinal)));
    }
}
