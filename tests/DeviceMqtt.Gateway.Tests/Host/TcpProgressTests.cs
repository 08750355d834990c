using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Gateway.Listeners;

namespace DeviceMqtt.Gateway.Tests.Host;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class TcpProgressTests
{
    [TestMethod]
    public async Task BytesAcknowledged_ClientHasTakenThem_AreCounted()
    {
        using Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        using Socket client = new(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        using Socket server = await listener.AcceptAsync();
        long before = TcpProgress.BytesAcknowledged(server);
        await server.SendAsync(new byte[1000]);
        await client.ReceiveAsync(new byte[1000]);

        await Patience.Until(() => TcpProgress.BytesAcknowledged(server) == before + 1000, "the acknowledgement of 1000 bytes");
    }

    [TestMethod]
    public void BytesAcknowledged_SocketIsGone_IsZero()
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Dispose();
        Assert.AreEqual(0, TcpProgress.BytesAcknowledged(socket));
    }
}
