using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.Firmware.Tests.M2Mqtt;

/// <summary>A listener on a free loopback port whose other side is the test itself.</summary>
internal sealed class ScriptedBroker : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    internal ScriptedBroker() => _listener.Start();

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    internal async Task<BrokerSide> AcceptAsync() => new(await _listener.AcceptSocketAsync().WaitAsync(Patience.Limit));

    /// <summary>Accepts a client and its CONNECT.</summary>
    internal async Task<BrokerSide> AcceptConnectionAsync()
    {
        BrokerSide side = await AcceptAsync();
        await side.ExpectAsync(0x10);
        await side.SendAsync(0x20, 0x02, 0x00, 0x00);
        return side;
    }

    public void Dispose() => _listener.Dispose();
}
