using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Answers that their clients do not take are bounded in bytes, for a user and for all.</summary>
[TestClass]
public sealed class AnswerRoomTests
{
    private const int Megabyte = 1024 * 1024;
    private const int PipelinedRequests = 60;
    private static readonly Caller Eve = new("eve", ConsoleRole.Monitor, "t");
    private static readonly Caller Anna = new("anna", ConsoleRole.Operator, "t");
    private readonly GatewayLimits _limits = new() { MemoryBytesMax = 128 * Megabyte };

    [TestMethod]
    public void Take_OneUser_HasItsShareAndOneLongAnswer()
    {
        AnswerRoom room = new(_limits);
        long share = AnswerRoom.BytesMax(_limits) / 4;
        Assert.IsTrue(room.TryTake(Eve, share * 2, mayBeMore: true), "one that is longer than its share, alone");
        Assert.IsFalse(room.TryTake(Eve, 1_000, mayBeMore: true));
        Assert.IsTrue(room.TryTake(Anna, 1_000, mayBeMore: true));
        room.Give(Eve, share * 2);
        Assert.IsTrue(room.TryTake(Eve, share, mayBeMore: true));
        Assert.IsFalse(room.TryTake(Eve, 1, mayBeMore: true));
    }

    [TestMethod]
    public void Take_ManyUsers_LeaveTheLastTenthToAnOperator()
    {
        AnswerRoom room = new(_limits);
        for (int user = 0; user < 20; user++)
            for (int i = 0; i < 100; i++)
                _ = room.TryTake(Eve with { Name = $"eve{user}" }, 100_000, mayBeMore: true);
        Assert.IsLessThanOrEqualTo(AnswerRoom.BytesMax(_limits), room.Bytes);
        Assert.IsTrue(room.TryTake(Anna, 256 * 1024, mayBeMore: true));
    }

    [TestMethod]
    public void Requests_OfOneUser_AreSoManyAtOnce()
    {
        AnswerRoom room = new(_limits);
        List<AnswerLease> leases = [];
        for (int i = 0; i < AnswerRoom.RequestsOfUserMax; i++)
        {
            Assert.IsTrue(room.TryBegin(Eve, out AnswerLease? lease));
            leases.Add(lease);
        }

        Assert.IsFalse(room.TryBegin(Eve, out _));
        leases[0].Dispose();
        leases[0].Dispose();
        Assert.IsTrue(room.TryBegin(Eve, out _));
        Assert.IsFalse(room.TryBegin(Eve, out _));
    }

    // Topics that are all '<' are six times as long in JSON: the bound on payloads let an answer of megabytes through.
    [TestMethod]
    public async Task Retained_LongTopics_PagesAreBoundedAndGoOn()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync("GID_home@@@kitchen");
        string topic = new('<', 30_000);
        for (int i = 0; i < 5; i++)
            await board.PublishAsync($"r/{i}{topic}", "x", retain: true);
        List<string> found = [];
        bool isMore = true;
        while (isMore)
        {
            using HttpResponseMessage answer = await console.Client.GetAsync(new Uri($"/api/v1/retained?filter=r/%23&offset={found.Count}", UriKind.Relative));
            string text = await answer.Content.ReadAsStringAsync();
            Assert.IsLessThan(AnswerRoom.ListBytesMax + 4_096, text.Length);
            JsonElement page = JsonDocument.Parse(text).RootElement;
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("topic").GetString()!));
            isMore = page.GetProperty("more").GetBoolean();
        }

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 5).Select(i => $"r/{i}{topic}").ToList(), found);
    }

    [TestMethod]
    public async Task Clients_LongIdentifiers_PagesAreBoundedAndGoOn()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        List<TcpBoard> boards = [];
        for (int i = 0; i < 60; i++)
            boards.Add(await console.ConnectAsync($"{i}{new string('<', 1_000)}"));
        HashSet<string> found = [];
        while (found.Count < boards.Count)
        {
            JsonElement page = await console.GetAsync($"clients?limit=200&offset={found.Count}");
            Assert.IsLessThan(AnswerRoom.ListBytesMax + 4_096, page.GetRawText().Length);
            Assert.AreEqual(60, page.GetProperty("matched").GetInt32());
            int before = found.Count;
            found.UnionWith(page.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("clientId").GetString()!));
            Assert.IsGreaterThan(before, found.Count);
        }

        foreach (TcpBoard board in boards)
            board.Dispose();
    }

    // A monitor that sends requests and reads nothing had as many whole answers in memory as it liked.
    [TestMethod]
    public async Task Requests_NobodyTakesTheAnswers_TheRestGets503AndAnOperatorItsAnswer()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static o =>
        {
            o.Limits.MemoryBytesMax = 32 * Megabyte;
            o.Limits.HttpConnectionsMax = 1_000;
        });
        using TcpBoard board = await console.ConnectAsync("GID_home@@@kitchen");
        string topic = new('<', 30_000);
        for (int i = 0; i < 2; i++)
            await board.PublishAsync($"r/{i}{topic}", "x", retain: true);
        using Person person = await Person.LogInAsync(console, "eve", "monitor");
        List<Socket> sockets = [];
        for (int i = 0; i < 8; i++)
            sockets.Add(await AskAndReadNothing(console, person));

        using HttpResponseMessage beyond = await UntilRefused(console, person, sockets);
        Assert.AreEqual("2", beyond.Headers.RetryAfter?.ToString());
        _ = await console.GetAsync("retained?filter=r/%23");
        Assert.IsTrue(console.Log.Lines.Any(static line => line.Contains("request of 'eve' was refused", StringComparison.Ordinal)));
        foreach (Socket socket in sockets)
            socket.Dispose();
        await person.GetAsync("retained?filter=r/%23");
    }

    // A socket whose requests were refused has none left with which to fill its buffers: with each answer another comes.
    private static async Task<HttpResponseMessage> UntilRefused(ConsoleUnderTest console, Person person, List<Socket> sockets)
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        while (true)
        {
            HttpResponseMessage answer = await person.Client.GetAsync(new Uri("/api/v1/retained?filter=r/%23", UriKind.Relative), limit.Token);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                return answer;
            answer.Dispose();
            sockets.Add(await AskAndReadNothing(console, person));
        }
    }

    // So many, one behind the other, that the kernel has no room for their answers.
    private static async Task<Socket> AskAndReadNothing(ConsoleUnderTest console, Person person)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(console.Host.HttpEndPoint!);
        string request = $"GET /api/v1/retained?filter=r/%23 HTTP/1.1\r\nHost: gateway\r\nCookie: {person.Cookie}\r\n\r\n";
        _ = await socket.SendAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, PipelinedRequests))));
        return socket;
    }
}
