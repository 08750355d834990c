using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Tests;

/// <summary>A read that waits for more, from a peer that sends small packets without TCP_NODELAY.</summary>
[TestClass]
public sealed class GatheringStreamTests
{
    private static readonly byte[] PubAck = [0x40, 2, 0, 1];

    // Nagle holds the second back until the first is acknowledged, which a kernel that sees questions and answers puts off for 40 ms.
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task Read_PeerHoldsBackItsSecondPacket_BringsBoth()
    {
        (GatheringStream stream, Socket peer) = await ConnectAsync();
        await using (stream)
        using (peer)
        {
            stream.GatherUs = 2_000;
            int together = 0;
            byte[] buffer = new byte[100];
            for (int round = 0; round < 200 && together < 3; round++)
            {
                await stream.WriteAsync(PubAck);
                _ = await Patience.Within(peer.ReceiveAsync(buffer), "a question");
                for (int i = 0; i < 3; i++)
                    _ = peer.Send(PubAck);
                int bytes = await Patience.Within(stream.ReadAsync(buffer).AsTask(), "the answers");
                // Of the first rounds TCP does so by itself.
                together += bytes == 12 && round >= 100 ? 1 : 0;
                while (bytes < 12)
                    bytes += await Patience.Within(stream.ReadAsync(buffer).AsTask(), "the other answers");
            }

            Assert.AreEqual(3, together);
        }
    }

    [TestMethod]
    public async Task Read_NoGathering_HasWhatThereIs()
    {
        (GatheringStream stream, Socket peer) = await ConnectAsync();
        await using (stream)
        using (peer)
        {
            _ = peer.Send(PubAck);

            Assert.AreEqual(4, await Patience.Within(stream.ReadAsync(new byte[100]).AsTask(), "the answer"));
        }
    }

    [TestMethod]
    public async Task Read_PeerEndsWhileItWaits_HasWhatCame_ThenTheEnd()
    {
        (GatheringStream stream, Socket peer) = await ConnectAsync();
        await using (stream)
        {
            stream.GatherUs = 1_000;
            _ = peer.Send(PubAck);
            peer.Dispose();

            Assert.AreEqual(4, await Patience.Within(stream.ReadAsync(new byte[100]).AsTask(), "the answer"));
            Assert.AreEqual(0, await Patience.Within(stream.ReadAsync(new byte[100]).AsTask(), "the end"));
        }
    }

    // Whoever reads is never left behind.
    [TestMethod]
    public async Task Dispose_WhileARead_Waits_TheReadEnds()
    {
        for (int round = 0; round < 50; round++)
        {
            (GatheringStream stream, Socket peer) = await ConnectAsync();
            using (peer)
            {
                stream.GatherUs = 1 + (round * 10);
                _ = peer.Send(PubAck);
                Task<int> read = stream.ReadAsync(new byte[100]).AsTask();
                await Task.Yield();
                await stream.DisposeAsync();

                await Patience.Within(Task.WhenAny(read), "the end of the read");
            }
        }
    }

    private static async Task<(GatheringStream Stream, Socket Peer)> ConnectAsync()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<Socket> accepting = listener.AcceptSocketAsync();
        IPEndPoint end = (IPEndPoint)listener.LocalEndpoint;
        Stream stream = await new TcpNetwork().ConnectAsync("127.0.0.1", end.Port, CancellationToken.None);
        Socket peer = await Patience.Within(accepting, "a connection");
        peer.NoDelay = false;
        return ((GatheringStream)stream, peer);
    }
}
