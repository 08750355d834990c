using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Tls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>What a request sends before anybody has asked for it stays with the kernel, but for a bounded part.</summary>
[TestClass]
public sealed class HttpReadAheadTests
{
    private const int ChunkBytes = 16 * 1024;
    private const int BlockBytes = 4096; // of Kestrel's memory: the last read may fill one
    private const int WritableUs = 200_000; // the other side takes nothing for so long: it has stopped reading

    // A hundred connections that each had a megabyte read ahead ended a gateway with 128 MB.
    [TestMethod]
    public async Task Body_NobodyReadsIt_NoMoreThanItsShareIsInMemory()
    {
        WaitingPages pages = new();
        HttpListening wanted = new([new ListenOn(new IPEndPoint(IPAddress.Loopback, 0), IsTls: false)], null, new TrustedProxies(new SecurityOptions()), new HandshakeLines(NullLogger.Instance, TimeProvider.System)) { Pages = pages };
        await using HttpFront front = new(wanted, new MqttBroker(), new GatewayLimits(), new OriginRules(new SecurityOptions()), NullLoggerFactory.Instance, TimeProvider.System);
        await front.StartAsync(CancellationToken.None);
        using Socket client = new(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(front.On.Single().EndPoint);
        byte[] head = "POST /anywhere HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100000000\r\n\r\n"u8.ToArray();
        _ = await client.SendAsync(head);
        Socket served = await Patience.Within(pages.Asked.Task, "the request");

        client.Blocking = false;
        byte[] chunk = new byte[ChunkBytes];
        while (client.Poll(WritableUs, SelectMode.SelectWrite))
            _ = client.Send(chunk, SocketFlags.None, out _);

        long inMemory = TcpProgress.BytesAcknowledged(client) - served.Available;
        Assert.IsLessThanOrEqualTo(HttpFront.ReadAheadBytesMax + BlockBytes, inMemory);
        pages.End.SetResult();
    }

    /// <summary>Pages that take a request, and look at nothing of it.</summary>
    private sealed class WaitingPages : IHttpPages
    {
        public TaskCompletionSource<Socket> Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public RequestDelegate Build(IServiceProvider host) => context =>
        {
            Asked.SetResult(context.Features.Get<IConnectionSocketFeature>()!.Socket);
            return End.Task;
        };

        public void Started()
        {
            // Listening is all that is asked.
        }
    }
}
