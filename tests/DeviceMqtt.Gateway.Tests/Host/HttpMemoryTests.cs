using System.Net;
using System.Net.Sockets;
using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Tls;
using DeviceMqtt.Gateway.Web;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>What nobody has asked for yet, and what nobody takes, stays with the kernel but for a bounded part.</summary>
[TestClass]
public sealed class HttpMemoryTests
{
    private const int ChunkBytes = 16 * 1024;
    private const int BlockBytes = 4096; // of Kestrel's memory: the last read may fill one
    private const int KernelBytes = 16 * 1024; // what it keeps in the smallest buffer
    private const int AnswerBytes = 16 * 1024 * 1024;
    private const int LongAnswerBytes = 12 * 1024 * 1024; // more than the kernel keeps, and less than all answers together may have
    private const int AnswerMs = 10; // an answer of LongAnswerBytes has a hundred times as long
    private const int StrangersAnswerBytes = 40 * 1024; // at Kestrel's own rate that is three minutes
    private const int WritableUs = 200_000; // the other side takes nothing for so long: it has stopped reading

    // A hundred connections that each had a megabyte read ahead ended a gateway with 128 MB.
    [TestMethod]
    public async Task Body_NobodyReadsIt_NoMoreThanItsShareIsInMemory()
    {
        TaskCompletionSource<Socket> asked = NewCompletion<Socket>();
        TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HttpFront front = Front(context =>
        {
            asked.SetResult(SocketOf(context));
            return end.Task;
        });
        using Socket client = await Ask(front, "POST /anywhere HTTP/1.1\r\nHost: gateway\r\nCookie: somebody=here\r\nContent-Length: 100000000\r\n\r\n"); // a stranger's is refused
        Socket served = await Patience.Within(asked.Task, "the request");

        client.Blocking = false;
        byte[] chunk = new byte[ChunkBytes];
        while (client.Poll(WritableUs, SelectMode.SelectWrite))
            _ = client.Send(chunk, SocketFlags.None, out _);

        long inMemory = TcpProgress.BytesAcknowledged(client) - served.Available;
        Assert.IsLessThanOrEqualTo(HttpFront.ReadAheadBytesMax + BlockBytes, inMemory);
        end.SetResult();
    }

    [TestMethod]
    public async Task Answer_NobodyTakesIt_NoMoreThanItsShareIsInMemory()
    {
        long written = 0;
        TaskCompletionSource<Socket> asked = NewCompletion<Socket>();
        await using HttpFront front = Front(async context =>
        {
            Socket socket = SocketOf(context);
            socket.SendBufferSize = 1; // the kernel has its least
            byte[] chunk = new byte[BlockBytes];
            Task writing = Task.CompletedTask;
            while (writing.IsCompletedSuccessfully && written < AnswerBytes)
            {
                writing = context.Response.Body.WriteAsync(chunk, context.RequestAborted).AsTask();
                written += chunk.Length;
            }

            asked.SetResult(socket);
            await writing;
        });
        using Socket client = await Ask(front, "GET / HTTP/1.1\r\nHost: gateway\r\n\r\n");
        Socket served = await Patience.Within(asked.Task, "the request");

        // The kernel of the other side acknowledges when it likes, and takes no more than its buffer has room for.
        await Patience.Until(() => written - TcpProgress.BytesAcknowledged(served) <= HttpFront.UnsentBytesMax + KernelBytes + BlockBytes, "all but its share with the kernel");
    }

    // At 240 bytes a second, which is Kestrel's own, an answer of a megabyte held its place and its memory for over an hour.
    [TestMethod]
    public async Task Answer_OneLoggedInDoesNotTakeIt_ItIsGivenUpAndSaid()
    {
        List<int> givenUp = [];
        Caller eve = new("eve", ConsoleRole.Monitor, "t");
        AnswerRoom room = new(new GatewayLimits { MemoryBytesMax = 1024 * 1024 * 1024 }) { AnswerTime = TimeSpan.FromMilliseconds(AnswerMs), GivenUp = (_, bytes) => givenUp.Add(bytes) };
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HttpFront front = Front(async context =>
        {
            Assert.IsTrue(await AnswerLease.TryBeginAsync(context, room, eve));
            context.Response.OnCompleted(() =>
            {
                ended.SetResult();
                return Task.CompletedTask;
            });
            await AnswerLease.WriteAsync(context, new byte[LongAnswerBytes]);
        });
        using Socket client = await Ask(front, "GET / HTTP/1.1\r\nHost: gateway\r\n\r\n");

        await Patience.Within(ended.Task, "the end of the answer");
        await Patience.Until(() => room.Bytes == 0, "its memory");
        CollectionAssert.AreEqual(new[] { LongAnswerBytes }, givenUp);
    }

    [TestMethod]
    public async Task Answer_StrangerDoesNotTakeIt_ItsConnectionEnds()
    {
        TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HttpFront front = Front(async context =>
        {
            SocketOf(context).SendBufferSize = 1;
            _ = context.RequestAborted.Register(aborted.SetResult);
            await context.Response.Body.WriteAsync(new byte[StrangersAnswerBytes], context.RequestAborted);
        });
        using Socket client = await Ask(front, "GET / HTTP/1.1\r\nHost: gateway\r\n\r\n", receiveBytes: 1);

        await Patience.Within(aborted.Task, "the end of its connection");
    }

    private static HttpFront Front(RequestDelegate pages)
    {
        HttpListening wanted = new([new ListenOn(new IPEndPoint(IPAddress.Loopback, 0), IsTls: false)], null, new TrustedProxies(new SecurityOptions()), new HandshakeLines(NullLogger.Instance, TimeProvider.System)) { Pages = new Pages(pages) };
        return new HttpFront(wanted, new MqttBroker(), new GatewayLimits(), new OriginRules(new SecurityOptions()), NullLoggerFactory.Instance, TimeProvider.System);
    }

    private static async Task<Socket> Ask(HttpFront front, string request, int? receiveBytes = null)
    {
        await front.StartAsync(CancellationToken.None);
        Socket client = new(SocketType.Stream, ProtocolType.Tcp);
        if (receiveBytes is { } bytes)
            client.ReceiveBufferSize = bytes;
        await client.ConnectAsync(front.On.Single().EndPoint);
        _ = await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(request));
        return client;
    }

    private static Socket SocketOf(HttpContext context) => context.Features.Get<IConnectionSocketFeature>()!.Socket;

    private static TaskCompletionSource<T> NewCompletion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Pages(RequestDelegate pages) : IHttpPages
    {
        public RequestDelegate Build(IServiceProvider host) => pages;

        public void Started()
        {
            // Listening is all that is asked.
        }
    }
}
