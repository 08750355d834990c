using System.Net;
using System.Text.Json;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Where is my message: in the API, with a real broker and a disk.</summary>
[TestClass]
public sealed class TraceApiTests
{
    private static string Steps(JsonElement way) => string.Join('|', way.GetProperty("steps").EnumerateArray().Select(static step => step.GetProperty("text").GetString()));

    private static JsonElement Only(JsonElement trace)
    {
        Assert.AreEqual(1, trace.GetProperty("messages").GetArrayLength(), trace.ToString());
        return trace.GetProperty("messages")[0];
    }

    [TestMethod]
    public async Task Command_FromItsSenderToTheAnswer_EachStep()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard app = await console.ConnectAsync("app");
        using (TcpBoard first = await console.ConnectAsync("kitchen"))
            await first.DisconnectAsync();
        _ = await console.UntilAsync("clients?q=kitchen", static found => found.GetProperty("items").EnumerateArray().All(static c => !c.GetProperty("connected").GetBoolean()));
        await app.PublishAsync("dm/p2p/kitchen", """{"id":"k7f3","cmd":"ping","from":"app"}""");

        JsonElement waiting = Only(await console.GetAsync("trace?command=k7f3"));
        Assert.AreEqual("waiting", waiting.GetProperty("state").GetString());
        Assert.AreEqual("app", waiting.GetProperty("from").GetString());
        Assert.AreEqual("127.0.0.1", waiting.GetProperty("address").GetString());
        Assert.AreEqual("Success", waiting.GetProperty("answer").GetString());
        Assert.IsGreaterThan(0, waiting.GetProperty("position").GetInt64());
        Assert.IsGreaterThanOrEqualTo(0, waiting.GetProperty("diskMs").GetInt64());
        Assert.AreEqual("in its mailbox", Steps(waiting.GetProperty("ways")[0]));

        using TcpBoard kitchen = await console.ConnectAsync("kitchen");
        _ = await kitchen.TakeAsync();

        JsonElement delivered = Only(await console.UntilAsync("trace?command=k7f3", static found => found.GetProperty("messages")[0].GetProperty("state").GetString() == "delivered"));
        Assert.AreEqual("in its mailbox|sent with QoS 1 as packet 1|PUBACK for packet 1", Steps(delivered.GetProperty("ways")[0]));
    }

    // A thousand changes that are nothing in one second, and the line of the one that was something found no room; eight thousand pushed all that stood there out of both files.
    [TestMethod]
    public async Task Changes_MoreThanAMinuteHas_RefusedBeforeTheyAreMade()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        for (int i = 0; i < ChangeLimit.PerMinuteMax; i++)
            _ = await console.SendAsync(HttpMethod.Delete, $"trace/rules?text=none-{i}", expected: HttpStatusCode.NotFound);

        using HttpResponseMessage answer = await console.AskAsync(HttpMethod.Post, "trace/rules", new { filter = "a/#" });

        Assert.AreEqual(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.IsTrue(answer.Headers.RetryAfter!.Delta > TimeSpan.Zero && answer.Headers.RetryAfter.Delta <= TimeSpan.FromMinutes(1), "no time when to come again");
        Assert.AreEqual("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.AreEqual(0, (await console.GetAsync("trace?filter=a")).GetProperty("rules").GetArrayLength(), "it was made");
        _ = await console.PublishAsync("a/b", "a message is no change");
    }

    [TestMethod]
    public async Task Message_NobodySubscribes_SaysSo()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync("board");
        await board.PublishAsync("house/light", "on");

        Assert.AreEqual("nobody", Only(await console.GetAsync("trace?filter=house%2F%2B")).GetProperty("state").GetString());
    }

    /// <summary>They were sorted by their time alone, with a sort that does not keep the order of equals: commands of one click stood there in any order.</summary>
    [TestMethod]
    public async Task Messages_OfOneMoment_TheNewestFirst()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        string[] topics = [.. Enumerable.Range(0, 40).Select(static i => $"house/{i}")];
        using (Turn.Scope scope = console.Host.Broker.Turn.Enter())
        {
            foreach (string topic in topics)
            {
                Publication publication = new() { Route = console.Host.Broker.Routes.Get(topic), QoS = QoS.AtMostOnce, Payload = "x"u8, Origin = Origin.Gateway, NowMs = console.Host.Broker.Turn.NowMs };
                _ = console.Host.Broker.Publish(ref publication);
            }
        }

        JsonElement found = await console.GetAsync("trace?filter=house%2F%2B&limit=100");

        Assert.AreSequenceEqual(topics.Reverse(), found.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("topic").GetString()!));
    }

    [TestMethod]
    public async Task Message_ToAReservedTopic_DroppedWithTheReason()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync("board");
        await board.PublishAsync("$gw/mine", "on");

        JsonElement message = Only(await console.GetAsync("trace?client=board"));
        Assert.AreEqual("dropped", message.GetProperty("state").GetString());
        StringAssert.Contains(Steps(message.GetProperty("ways")[0]), "the gateway's to publish", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Rule_KeepsLongerThanTheRing()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Trace.BytesMax = 65_536);
        _ = await console.SendAsync(HttpMethod.Post, "trace/rules", new { filter = "keep/#", minutes = 60 });
        using TcpBoard board = await console.ConnectAsync("board");
        await board.PublishAsync("keep/1", "x");
        for (int i = 0; i < 1_200; i++)
            await board.PublishAsync("other", "x");

        Assert.AreEqual("keep/1", Only(await console.GetAsync("trace?filter=keep%2F%23")).GetProperty("topic").GetString());
        JsonElement all = await console.GetAsync("trace?limit=5");
        Assert.IsTrue(all.GetProperty("more").GetBoolean());
        Assert.IsLessThanOrEqualTo(65_536, all.GetProperty("bytes").GetInt64());
        Assert.AreEqual("keep/#", all.GetProperty("rules")[0].GetProperty("text").GetString());

        _ = await console.SendAsync(HttpMethod.Delete, "trace/rules?text=keep%2F%23");
        Assert.AreEqual(0, (await console.GetAsync("trace")).GetProperty("rules").GetArrayLength());
        _ = await console.SendAsync(HttpMethod.Delete, "trace/rules?text=keep%2F%23", body: null, HttpStatusCode.NotFound);
    }

    [TestMethod]
    public async Task NothingIsNoted_OnlyWhatSomebodyAskedFor()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Trace.BytesMax = 0);
        using TcpBoard board = await console.ConnectAsync("board");
        await board.PublishAsync("a", "x");
        JsonElement nothing = await console.GetAsync("trace");
        Assert.IsFalse(nothing.GetProperty("all").GetBoolean());
        Assert.AreEqual(0, nothing.GetProperty("messages").GetArrayLength());

        _ = await console.SendAsync(HttpMethod.Post, "trace/rules", new { client = "board" });
        await board.PublishAsync("b", "x");

        Assert.AreEqual("b", Only(await console.GetAsync("trace?client=board")).GetProperty("topic").GetString());
    }

    [TestMethod]
    [DataRow("minutes=0", "'minutes' is 0")]
    [DataRow("limit=201", "'limit' is 201")]
    [DataRow("filter=a%2F%23%2Fb", "no Topic Filter")]
    public async Task Question_Wrong_SaysWhatIs(string query, string expected)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        JsonElement problem = await console.SendAsync(HttpMethod.Get, $"trace?{query}", body: null, HttpStatusCode.BadRequest);

        StringAssert.Contains(problem.GetProperty("detail").GetString()!, expected, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Monitor_MaySeeAndNotKeep()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using Person monitor = await Person.LogInAsync(console, "max", "monitor");

        Assert.AreEqual(HttpStatusCode.OK, await monitor.GetAsync("trace"));
        using HttpResponseMessage keep = await monitor.Client.PostAsync(new Uri("/api/v1/trace/rules", UriKind.Relative), new StringContent("""{"client":"x"}""", System.Text.Encoding.UTF8, "application/json"));
        Assert.AreEqual(HttpStatusCode.Forbidden, keep.StatusCode);
    }
}
