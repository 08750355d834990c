using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Gateway.Listeners;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>The time server for boards: SNTP, RFC 4330.</summary>
[TestClass]
internal sealed class SntpTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, 500, TimeSpan.Zero);

    [TestMethod]
    public void Request_Answered_WithTheTimeAndWhatTheClientSent()
    {
        byte[] answer = new byte[SntpPacket.Bytes];

        Assert.IsTrue(SntpPacket.TryAnswer(Request(), answer, Now));

        Assert.AreEqual(0x24, answer[0]); // no warning, version 4, server
        Assert.AreEqual((uint)(Now - new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalSeconds, Seconds(answer));
        Assert.AreEqual(0x8000_0000u, BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(44)));
        CollectionAssert.AreEqual(Request()[40..48], answer[24..32]);
    }

    [TestMethod]
    public void Request_TimeNotKnown_SaysSo()
    {
        byte[] answer = new byte[SntpPacket.Bytes];

        Assert.IsTrue(SntpPacket.TryAnswer(Request(), answer, now: null));

        Assert.AreEqual(0xE4, answer[0]); // not synchronized
        Assert.AreEqual(0u, Seconds(answer));
    }

    [TestMethod]
    [DataRow(0x24), DataRow(0x00), DataRow(0x3B)] // an answer, nothing, version 7
    public void Packet_IsNoRequest_NotAnswered(int first)
    {
        byte[] request = Request();
        request[0] = (byte)first;

        Assert.IsFalse(SntpPacket.TryAnswer(request, new byte[SntpPacket.Bytes], Now));
        Assert.IsFalse(SntpPacket.TryAnswer(request.AsSpan(0, 47), new byte[SntpPacket.Bytes], Now));
    }

    [TestMethod]
    [DataRow("127.0.0.1", true), DataRow("192.168.3.4", true), DataRow("10.1.1.1", true), DataRow("172.31.0.1", true), DataRow("::ffff:192.168.1.1", true), DataRow("fe80::1", true), DataRow("fd00::1", true)]
    [DataRow("8.8.8.8", false), DataRow("172.32.0.1", false), DataRow("2001:db8::1", false)]
    public void Client_OfTheLocalNetworkAlone(string address, bool isLocal) => Assert.AreEqual(isLocal, SntpServer.IsLocal(IPAddress.Parse(address)));

    [TestMethod]
    public async Task Server_OverTheNetwork_AnswersAndOutlivesRubbish()
    {
        using SntpServer server = new(new IPEndPoint(IPAddress.Loopback, 0), static () => Now);
        await server.StartAsync(CancellationToken.None);
        using UdpClient client = new();
        client.Connect(server.EndPoint!);
        _ = await client.SendAsync(new byte[500]);
        _ = await client.SendAsync(new byte[3]);

        _ = await client.SendAsync(Request());

        UdpReceiveResult answer = await Patience.Within(client.ReceiveAsync(), "the answer of the time server");
        Assert.HasCount(SntpPacket.Bytes, answer.Buffer);
        await server.StopAsync(CancellationToken.None);
    }

    private static byte[] Request()
    {
        byte[] request = new byte[SntpPacket.Bytes];
        request[0] = 0x23; // version 4, client
        for (int i = 40; i < 48; i++)
            request[i] = (byte)i;
        return request;
    }

    private static uint Seconds(byte[] answer) => BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(40));
}
