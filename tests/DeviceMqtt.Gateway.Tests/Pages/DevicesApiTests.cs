using System.Net;
using System.Text.Json;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Devices as the API tells them, with boards over real sockets.</summary>
[TestClass]
public sealed class DevicesApiTests
{
    private const string Kitchen = "GID_home@@@kitchen";

    [TestMethod]
    public async Task Device_ConnectedWithBirthAndReading_InTheListWithUnits()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync(Kitchen);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        await board.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":21.5,"hum":44.8}""");

        JsonElement row = (await console.UntilAsync("devices", static d => d.GetProperty("total").GetInt32() == 1 && d.GetProperty("devices")[0].GetProperty("readings").GetArrayLength() > 0)).GetProperty("devices")[0];

        Assert.AreEqual("online", row.GetProperty("state").GetString());
        Assert.AreEqual("home", row.GetProperty("group").GetString());
        Assert.AreEqual("0.2.0", row.GetProperty("firmware").GetString());
        Assert.AreEqual("127.0.0.1", row.GetProperty("address").GetString());
        JsonElement first = row.GetProperty("readings")[0];
        Assert.AreEqual((21.5, "Cel"), (first.GetProperty("value").GetDouble(), first.GetProperty("unit").GetString()));
    }

    // A stolen board had an operator's commands go to another, by a button of its own choice.
    [TestMethod]
    public async Task Device_SaysThatItIsAnother_ItsCommandsDoNotGoThere()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard boiler = await console.ConnectAsync("GID_home@@@boiler");
        using TcpBoard evil = await console.ConnectAsync("GID_home@@@evil");
        await evil.PublishAsync("dm/evil/info", ConsoleUnderTest.Birth("GID_home@@@boiler"), retain: true);
        JsonElement row = (await console.UntilAsync("devices", static d => d.GetProperty("devices").EnumerateArray().Any(static row => row.GetProperty("name").GetString() == "evil")))
            .GetProperty("devices").EnumerateArray().Single(static row => row.GetProperty("name").GetString() == "evil");

        Assert.AreEqual("GID_home@@@evil", row.GetProperty("clientId").GetString());
    }

    // Its messages went to the entry that was forgotten: it was online, and in no list.
    [TestMethod]
    public async Task Device_ForgottenAndBack_InTheList()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        await console.VisitAsync(Kitchen);
        _ = await console.SendAsync(HttpMethod.Delete, "devices/kitchen");
        Assert.AreEqual(0, (await console.GetAsync("devices")).GetProperty("total").GetInt32());

        using TcpBoard board = await console.ConnectAsync(Kitchen);
        await board.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":21.5,"hum":44.8}""");
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);

        JsonElement row = (await console.UntilAsync("devices", static d => d.GetProperty("total").GetInt32() == 1)).GetProperty("devices")[0];
        Assert.AreEqual("kitchen", row.GetProperty("name").GetString());
    }

    // A board that came under the name of one that was forgotten carried out what had been meant for that.
    [TestMethod]
    public async Task Device_Forgotten_WhatWaitedForItIsDroppedAndToldAndNotForTheNext()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        await console.VisitAsync(Kitchen);
        string former = (await console.SendToKitchenAsync("reboot"))[0];

        _ = await console.SendAsync(HttpMethod.Delete, "devices/kitchen");

        JsonElement last = (await console.GetAsync($"commands/{former}")).GetProperty("steps").EnumerateArray().Last();
        Assert.AreEqual(("dropped", "cancelled"), (last.GetProperty("name").GetString(), last.GetProperty("why").GetString()));
        using TcpBoard board = await console.ConnectAsync(Kitchen);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        string next = (await console.SendToKitchenAsync("ping"))[0];
        StringAssert.Contains((await board.TakeAsync()).Payload, next, StringComparison.Ordinal);
    }

    // The next resumed its Session, and got it once more.
    [TestMethod]
    public async Task Device_ForgottenWithACommandInFlight_ToldAndNotForTheNext()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        string former;
        using (TcpBoard left = await console.ConnectAsync(Kitchen, isClean: false))
        {
            await left.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
            former = (await console.SendToKitchenAsync("reboot"))[0];
            StringAssert.Contains((await left.TakeAsync(isAcknowledged: false)).Payload, former, StringComparison.Ordinal);
            await left.DisconnectAsync();
            await left.ExpectEndAsync();
        }

        _ = await console.SendAsync(HttpMethod.Delete, "devices/kitchen");

        JsonElement last = (await console.GetAsync($"commands/{former}")).GetProperty("steps").EnumerateArray().Last();
        Assert.AreEqual(("dropped", "cancelled"), (last.GetProperty("name").GetString(), last.GetProperty("why").GetString()));
        using TcpBoard board = await console.ConnectAsync(Kitchen, isClean: false);
        Assert.IsFalse(board.IsSessionPresent);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        string next = (await console.SendToKitchenAsync("ping"))[0];
        StringAssert.Contains((await board.TakeAsync()).Payload, next, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Device_Gone_OfflineWithSinceAndWhy()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        await console.VisitAsync(Kitchen);

        JsonElement row = (await console.UntilAsync("devices", static d => d.GetProperty("facets").GetProperty("offline").GetInt32() == 1)).GetProperty("devices")[0];

        Assert.AreEqual("said goodbye", row.GetProperty("why").GetString());
        Assert.AreNotEqual(0, row.GetProperty("since").GetInt64());
    }

    [TestMethod]
    [DataRow(3600, "asleep")]
    [DataRow(-3600, "overdue")]
    public async Task Device_ThatWentToSleep_AsleepThenOverdue(int seconds, string state)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        long until = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds;

        _ = await console.PublishAsync("dm/shed/info", ConsoleUnderTest.Birth("GID_home@@@shed", $",\"sleepUntil\":{until}"), retain: true);

        JsonElement row = (await console.GetAsync("devices")).GetProperty("devices")[0];
        Assert.AreEqual(state, row.GetProperty("state").GetString());
        Assert.AreEqual(until * 1000, row.GetProperty("until").GetInt64());
    }

    [TestMethod]
    public async Task Device_InItsGrace_IsAsTheGatewaysOwnPresenceSays()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Policies.Add(new() { Match = "GID_home@@@*", PresenceGraceSeconds = 3600 }));
        using TcpBoard board = await console.ConnectAsync(Kitchen);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        board.Dispose();

        JsonElement row = (await console.UntilAsync("devices", static d => d.GetProperty("devices")[0].GetProperty("why").GetString() != "connected")).GetProperty("devices")[0];

        Assert.AreEqual("online", row.GetProperty("state").GetString());
        Assert.AreEqual("lost a moment ago, and in its grace", row.GetProperty("why").GetString());
    }

    [TestMethod]
    public async Task Device_AddedAndNeverSeen_InTheList()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        JsonElement made = await console.SendAsync(HttpMethod.Post, "provision", new { name = "attic", board = "huzzah32", group = "home", ssid = "net", wifiPassword = "password", host = "10.0.0.2", replace = false });

        Assert.AreEqual("GID_home@@@attic", made.GetProperty("clientId").GetString());
        JsonElement settings = JsonDocument.Parse(made.GetProperty("settings").GetString()!).RootElement;
        Assert.AreEqual("10.0.0.2", settings.GetProperty("host").GetString());
        JsonElement list = await console.UntilAsync("devices", static d => d.GetProperty("total").GetInt32() == 1);
        Assert.AreEqual("never", list.GetProperty("devices")[0].GetProperty("state").GetString());
        _ = await console.SendAsync(HttpMethod.Delete, "provision/attic");
        Assert.AreEqual(0, (await console.UntilAsync("devices", static d => d.GetProperty("total").GetInt32() == 0)).GetProperty("matched").GetInt32());
    }

    [TestMethod]
    [DataRow("a/b", "esp32-devkitc", "net", "a name is one topic level: without / + # and $ in front, and not too long")]
    [DataRow("p2p", "huzzah32", "net", "a device cannot be called 'p2p': in topics that level is for commands")]
    [DataRow("x", "toaster", "net", "'board' is one of esp32-c3-devkitm, esp32-devkitc, huzzah32")]
    [DataRow("x", "huzzah32", "", "the name of a Wi-Fi network has 1 to 32 bytes")]
    public async Task Provision_WhatCannotBe_SaidInWords(string name, string board, string ssid, string words)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        JsonElement problem = await console.SendAsync(HttpMethod.Post, "provision", new { name, board, group = "home", ssid, host = "10.0.0.2", replace = false }, HttpStatusCode.BadRequest);

        Assert.AreEqual(words, problem.GetProperty("detail").GetString());
    }

    [TestMethod]
    [DataRow("state:online", 0)]
    [DataRow("kit", 1)]
    [DataRow("fw<0.3 group:home", 1)]
    [DataRow("fw<0.1", 0)]
    [DataRow("batt<20", 0)]
    public async Task Filter_OfTheList_LetsThrough(string q, int matched)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);

        JsonElement list = await console.GetAsync($"devices?q={Uri.EscapeDataString(q)}");

        Assert.AreEqual((1, matched), (list.GetProperty("total").GetInt32(), list.GetProperty("matched").GetInt32()));
    }

    [TestMethod]
    public async Task Filter_ThatCannotBeUnderstood_SaidInWords()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        JsonElement problem = await console.SendAsync(HttpMethod.Get, "devices?q=size%3C7", body: null, HttpStatusCode.BadRequest);

        StringAssert.Contains(problem.GetProperty("detail").GetString(), "'size<7' cannot be understood", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task List_OfMany_SortedAsPeopleCount()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        foreach (int n in (int[])[10, 2, 1])
            _ = await console.PublishAsync($"dm/board-{n}/tele/climate", """{"n":1,"temp":20}""");

        JsonElement list = await console.UntilAsync("devices?limit=2", static d => d.GetProperty("total").GetInt32() == 3);

        Assert.AreEqual("board-1,board-2", string.Join(',', list.GetProperty("devices").EnumerateArray().Select(static d => d.GetProperty("name").GetString())));
    }

    [TestMethod]
    public async Task Command_AnsweredByTheBoard_EachStepIsTold()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync(Kitchen);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        JsonElement sent = await console.SendAsync(HttpMethod.Post, "devices/kitchen/commands", new { command = "relay.set", arguments = new { on = true } }, HttpStatusCode.Accepted);

        (string topic, string payload) = await board.TakeAsync();
        JsonElement envelope = JsonDocument.Parse(payload).RootElement;
        await board.PublishAsync($"dm/p2p/{envelope.GetProperty("from").GetString()}", $$$"""{"id":"{{{envelope.GetProperty("id").GetString()}}}","st":"ok","code":0,"res":{"on":true}}""");
        JsonElement after = await console.GetAsync($"commands/{sent.GetProperty("id").GetString()}?wait=10");

        Assert.AreEqual("dm/p2p/" + Kitchen, topic);
        Assert.AreEqual("relay.set", envelope.GetProperty("cmd").GetString());
        Assert.AreEqual(("ok", true), (after.GetProperty("status").GetString(), after.GetProperty("over").GetBoolean()));
        string steps = string.Join(',', after.GetProperty("steps").EnumerateArray().Select(static s => s.GetProperty("name").GetString()));
        Assert.AreEqual("accepted,delivered,answered", steps);
    }

    [TestMethod]
    public async Task Command_SixInARow_TheBoardsWindowIsNotUsedUp()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync(Kitchen);
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        for (int i = 0; i < 6; i++)
        {
            _ = await console.SendAsync(HttpMethod.Post, "devices/kitchen/commands", new { command = "ping" }, HttpStatusCode.Accepted);
            JsonElement envelope = JsonDocument.Parse((await board.TakeAsync()).Payload).RootElement;
            await board.PublishAsync($"dm/p2p/{envelope.GetProperty("from").GetString()}", $$$"""{"id":"{{{envelope.GetProperty("id").GetString()}}}","st":"ok","code":0}""");
        }
    }

    [TestMethod]
    public async Task Command_AnswerOfAnotherClient_DoesNotCount()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync(Kitchen);
        using TcpBoard liar = await console.ConnectAsync("GID_home@@@liar");
        await board.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        string id = (await console.SendAsync(HttpMethod.Post, "devices/kitchen/commands", new { command = "ping" }, HttpStatusCode.Accepted)).GetProperty("id").GetString()!;
        _ = await board.TakeAsync();

        await liar.PublishAsync("dm/p2p/GID_gateway@@@console", $$"""{"id":"{{id}}","st":"ok","code":0}""");

        Assert.IsFalse((await console.GetAsync($"commands/{id}")).GetProperty("over").GetBoolean());
    }

    [TestMethod]
    public async Task Command_ToADeviceThatIsAway_Waits()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        await console.VisitAsync(Kitchen);

        JsonElement sent = await console.SendAsync(HttpMethod.Post, "devices/kitchen/commands", new { command = "ping", seconds = 3600 }, HttpStatusCode.Accepted);

        string steps = string.Join(',', sent.GetProperty("steps").EnumerateArray().Select(static s => s.GetProperty("name").GetString()));
        Assert.AreEqual("accepted,queued", steps);
        JsonElement list = await console.UntilAsync("devices", static d => d.GetProperty("facets").GetProperty("waiting").GetInt32() == 1);
        Assert.AreEqual(1, list.GetProperty("devices")[0].GetProperty("waiting").GetInt32());
        JsonElement mailbox = await console.GetAsync($"devices/{list.GetProperty("devices")[0].GetProperty("name").GetString()}/mailbox");
        Assert.AreEqual(1, mailbox.GetProperty("count").GetInt32());
        Assert.AreEqual("GID_gateway@@@console", mailbox.GetProperty("first")[0].GetProperty("from").GetString());
    }

    // One half of a character alone is JSON, and no text: to write it anew failed, and the answer was 500.
    [TestMethod]
    [DataRow("""{"command":"ping","arguments":{"x":"\ud800"}}""")]
    [DataRow("""{"command":"ping","arguments":{"\udc00":1}}""")]
    [DataRow("""{"command":"ping","arguments":{"x":["\ud800"]}}""")]
    public async Task Command_ArgumentsThatAreNoText_SaidInWords(string body)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.PublishAsync("dm/kitchen/info", ConsoleUnderTest.Birth(Kitchen), retain: true);
        using HttpRequestMessage request = new(HttpMethod.Post, "/api/v1/devices/kitchen/commands") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("X-DeviceMqtt", "1");

        using HttpResponseMessage answer = await console.Client.SendAsync(request);

        string text = await answer.Content.ReadAsStringAsync();
        Assert.AreEqual(HttpStatusCode.BadRequest, answer.StatusCode, text);
        Assert.Contains("arguments", text, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Command_TakenBack_DoesNotReachTheDevice()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        await console.VisitAsync(Kitchen);
        string[] ids = await console.SendToKitchenAsync("ping", "info", "reboot");

        _ = await console.SendAsync(HttpMethod.Delete, $"devices/kitchen/mailbox/{ids[1]}?from=somebody", null, HttpStatusCode.NotFound);
        _ = await console.SendAsync(HttpMethod.Delete, $"devices/kitchen/mailbox/{ids[1]}?from=GID_gateway%40%40%40console", null);
        _ = await console.SendAsync(HttpMethod.Delete, $"devices/kitchen/mailbox/{ids[1]}", null, HttpStatusCode.NotFound);

        JsonElement mailbox = await console.GetAsync("devices/kitchen/mailbox");
        Assert.AreEqual($"{ids[0]},{ids[2]}", string.Join(',', mailbox.GetProperty("first").EnumerateArray().Select(static m => m.GetProperty("id").GetString())));
        JsonElement command1 = await console.GetAsync($"commands/{ids[1]}");
        JsonElement last = command1.GetProperty("steps").EnumerateArray().Last();
        Assert.AreEqual(("dropped", "cancelled", true), (last.GetProperty("name").GetString(), last.GetProperty("why").GetString(), command1.GetProperty("over").GetBoolean()));
    }

    [TestMethod]
    public async Task Readings_OfAStream_AsLinesOfAChart()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        double now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        _ = await console.PublishAsync("dm/kitchen/tele/climate", FormattableString.Invariant($"{{\"n\":1,\"t\":{now - 60:F1},\"temp\":20.5,\"h\":1}}"));

        JsonElement readings = await console.GetAsync("devices/kitchen/readings?stream=climate");

        JsonElement point = readings.GetProperty("metrics")[0].GetProperty("points")[0];
        Assert.AreEqual((20.5, 1.0), (point[2].GetDouble(), point[5].GetDouble()), "the value, and that it came late");
    }

    [TestMethod]
    public async Task Device_HostileName_IsTextAndCanBeAsked()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        const string Name = "<script>alert(1)<\u202Escript>&\"'";

        _ = await console.PublishAsync($"dm/{Name}/tele/climate", """{"n":1,"temp":20}""");

        JsonElement one = await console.UntilAsync($"devices/{Uri.EscapeDataString(Name)}", static d => d.GetProperty("row").GetProperty("readings").GetArrayLength() == 1);
        Assert.AreEqual(Name, one.GetProperty("row").GetProperty("name").GetString());
    }
}
