using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>A port where something answers that is no broker: greets, and reads what comes.</summary>
internal sealed class RawListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    private RawListener(string greeting)
    {
        _listener.Start();
        _serving = Serve(Encoding.ASCII.GetBytes(greeting));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public static RawListener Start(string greeting) => new(greeting);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task Serve(byte[] greeting)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                NetworkStream stream = client.GetStream();
                await stream.WriteAsync(greeting);
                _ = await stream.ReadAsync(new byte[1024]);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
