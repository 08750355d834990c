using System.Net.Sockets;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>Subscribes at QoS 0 and then never reads again, as a client does whose machine is stuck.</summary>
internal sealed class StalledSubscriber : IDisposable
{
    private readonly Socket _socket;

    private StalledSubscriber(Socket socket) => _socket = socket;

    public static async Task<StalledSubscriber> Connect(BrokerUnderTest broker, string clientId, string filter)
    {
        const int ConnAckAndSubAckBytes = 4 + 5;
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(BrokerUnderTest.Host, broker.Port);
        await socket.SendAsync((byte[])[.. RawBytes.Connect(clientId), .. RawBytes.Subscribe(1, 0, filter)]);
        using NetworkStream stream = new(socket, ownsSocket: false);
        await stream.ReadExactlyAsync(new byte[ConnAckAndSubAckBytes]);
        return new StalledSubscriber(socket);
    }

    public void Dispose() => _socket.Dispose();
}
