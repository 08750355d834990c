using System.Net.WebSockets;
using DeviceMqtt.Gateway.Connections;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>The end of a WebSocket connection, whatever the other side does or does not do.</summary>
[TestClass]
public sealed class WebSocketTransportTests
{
    [TestMethod]
    public async Task Close_ClientDoesNotRead_AbortedAfterTheTimeLimit()
    {
        // The gateway closed such a connection, and then waited for its last bytes for ever.
        FakeTime time = new();
        using CancellationTokenSource aborted = new();
        using SilentStream network = new();
        using WebSocket socket = WebSocket.CreateFromStream(network, new WebSocketCreationOptions { IsServer = true });
        WebSocketTransport transport = new(socket, aborted.Cancel, time, aborted.Token);
        Task running = transport.RunAsync(async pipes => _ = await pipes.Output.WriteAsync("the last bytes"u8.ToArray()));
        await Patience.Within(time.TimerCreated, "the time limit");
        Assert.IsFalse(aborted.IsCancellationRequested);

        time.Advance(WebSocketTransport.CloseTimeout);

        await Patience.Within(running, "the end of the connection");
        Assert.IsTrue(aborted.IsCancellationRequested);
    }
}
