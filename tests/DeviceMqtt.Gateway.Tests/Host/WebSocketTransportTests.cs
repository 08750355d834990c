using System.Net.WebSockets;
using DeviceMqtt.Gateway.Listeners;

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

    [TestMethod]
    public async Task Network_EndsWithoutCloseFrame_IsTheEndAndNoError()
    {
        using MemoryStream network = new();
        using WebSocket socket = WebSocket.CreateFromStream(network, new WebSocketCreationOptions { IsServer = true });
        WebSocketTransport transport = new(socket, static () => { }, TimeProvider.System, CancellationToken.None);
        bool ended = false;

        await Patience.Within(transport.RunAsync(async pipes => ended = (await pipes.Input.ReadAsync()).IsCompleted), "the end of the connection");

        Assert.IsTrue(ended);
    }

    [TestMethod]
    public async Task Network_Reset_TheInnerReasonIsSaid()
    {
        using ResetSocket socket = new();
        WebSocketTransport transport = new(socket, static () => { }, TimeProvider.System, CancellationToken.None);
        string said = "";

        await Patience.Within(transport.RunAsync(async pipes => said = (await Assert.ThrowsExactlyAsync<IOException>(async () => _ = await pipes.Input.ReadAsync())).Message), "the end of the connection");

        Assert.AreEqual("the WebSocket ended: Connection reset by peer", said);
    }

    // Each frame took a piece of 4 KB: a stranger with half a megabyte on the wire, a CONNECT that is not whole in frames of one byte, took 320 MB, and the process ended.
    [TestMethod]
    public async Task Messages_OfOneByteEach_TakeAsMuchMemoryAsTheirBytes()
    {
        const int count = 10_000;
        using MemoryStream network = new([.. Enumerable.Repeat((byte[])[0x82, 0x81, 0, 0, 0, 0, 7], count).SelectMany(static frame => frame)]);
        using WebSocket socket = WebSocket.CreateFromStream(network, new WebSocketCreationOptions { IsServer = true });
        WebSocketTransport transport = new(socket, static () => { }, TimeProvider.System, CancellationToken.None);

        await Patience.Within(transport.RunAsync(async pipes =>
        {
            System.IO.Pipelines.ReadResult result = await pipes.Input.ReadAtLeastAsync(count);
            int pieces = 0;
            foreach (ReadOnlyMemory<byte> _ in result.Buffer)
                pieces++;
            Assert.AreEqual(count, result.Buffer.Length);
            Assert.IsLessThanOrEqualTo(1 + (count / 4096), pieces);
        }), "the end of the connection");
    }

    [TestMethod]
    public async Task Message_Text_EndsWithItsReason() // [MQTT-6.0.0-1]
    {
        // FIN and text, masked with zeros: "hi".
        using MemoryStream network = new([0x81, 0x82, 0, 0, 0, 0, (byte)'h', (byte)'i']);
        using WebSocket socket = WebSocket.CreateFromStream(network, new WebSocketCreationOptions { IsServer = true });
        WebSocketTransport transport = new(socket, static () => { }, TimeProvider.System, CancellationToken.None);

        await Patience.Within(transport.RunAsync(async pipes =>
        {
            IOException reason = await Assert.ThrowsExactlyAsync<IOException>(async () => await pipes.Input.ReadAsync());
            Assert.Contains("not binary", reason.Message, StringComparison.Ordinal);
        }), "the end of the connection");
    }
}
