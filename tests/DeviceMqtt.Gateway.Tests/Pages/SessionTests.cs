using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Nobody gets in to the console who does not belong.</summary>
[TestClass]
public sealed class SessionTests
{
    [TestMethod]
    [DataRow("devices")]
    [DataRow("health")]
    [DataRow("settings")]
    [DataRow("users")]
    [DataRow("stream")]
    [DataRow("openapi.json")]
    public async Task Anything_BeforeThereIsAnOperator_Forbidden(string path)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();

        using HttpResponseMessage answer = await console.AskAsync(HttpMethod.Get, path);

        Assert.AreEqual(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.AreEqual(Problem.ContentType, answer.Content.Headers.ContentType!.MediaType);
    }

    [TestMethod]
    public async Task Welcome_CodeOfTheLog_FirstOperatorIsIn()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();
        Assert.AreEqual("welcome", (await console.GetAsync("session")).GetProperty("state").GetString());

        JsonElement made = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code = console.CodeOfLog(), name = "anna", password = "green house" });

        Assert.AreEqual("in", made.GetProperty("state").GetString());
        Assert.AreEqual(0, (await console.GetAsync("devices")).GetProperty("total").GetInt32());
    }

    // Whoever looks for gateways of a version with a known fault found it in the first answer.
    [TestMethod]
    [DataRow("session")]
    [DataRow("start")]
    public async Task Stranger_AsksWhoItIs_IsToldWhatTheLoginPageNeedsAndNoMore(string path)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();
        CollectionAssert.AreEquivalent(new[] { "state", "secure", "kept" }, NamesOf(await console.GetAsync(path)), "the page of the first operator");
        _ = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code = console.CodeOfLog(), name = "anna", password = "green house" });
        CollectionAssert.AreEquivalent(new[] { "state", "user", "role", "host", "version", "secure", "kept" }, NamesOf(await console.GetAsync(path)));

        CollectionAssert.AreEquivalent(new[] { "state", "secure" }, NamesOf(await console.SendAsync(HttpMethod.Delete, "session", new { })));
        CollectionAssert.AreEquivalent(new[] { "state", "secure" }, NamesOf(await console.GetAsync(path)));

        static string[] NamesOf(JsonElement answer) =>
            [.. (answer.TryGetProperty("session", out JsonElement session) ? session : answer).EnumerateObject().Where(static property => property.Value.ValueKind != JsonValueKind.Null).Select(static property => property.Name)];
    }

    [TestMethod]
    public async Task Welcome_FiveWrongCodes_TheRightOneIsOfNoUseToThatAddress()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();
        string code = console.CodeOfLog();
        for (int i = 0; i < OneTimeCode.TriesMax; i++)
            _ = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code = "AAAA-AAAA", name = "eve", password = "1234567890" }, HttpStatusCode.Forbidden);

        _ = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code, name = "eve", password = "1234567890" }, HttpStatusCode.Forbidden);

        // Who is at the machine makes another.
        string left = OneTimeCode.Leave(console.Options.Data);
        _ = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code = left, name = "anna", password = "1234567890" });
    }

    [TestMethod]
    public async Task Welcome_CodeOfTheCommandLine_Taken()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();
        string code = OneTimeCode.Leave(console.Options.Data);

        JsonElement made = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code, name = "anna", password = "green house" });

        Assert.AreEqual("operator", made.GetProperty("role").GetString());
        Assert.IsFalse(File.Exists(Path.Combine(console.Options.Data, OneTimeCode.FileName)), "a code that was used is still there");
    }

    [TestMethod]
    public async Task Welcome_SecondTime_Refused()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        _ = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code = console.CodeOfLog(), name = "eve", password = "1234567890" }, HttpStatusCode.BadRequest);
    }

    // One who may only look logged in again and again, and whoever was idle for longest was out: the operator.
    [TestMethod]
    public async Task LogIn_AgainAndAgain_LogsOutNobodyElse()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static o => o.Console.SessionsMax = 8);
        using Person first = await Person.LogInAsync(console, "eve", "monitor");
        for (int i = 0; i < 10; i++)
            (await Person.LogInAsync(console, "eve", role: null)).Dispose();

        Assert.AreEqual(HttpStatusCode.OK, (await console.AskAsync(HttpMethod.Get, "users")).StatusCode);
        Assert.AreEqual(HttpStatusCode.Unauthorized, await first.GetAsync("devices"), "of its own the oldest");
    }

    // Two megabytes of each were read before anybody looked at them, and JSON takes several times that.
    [TestMethod]
    [DataRow("session")]
    [DataRow("session/welcome")]
    public async Task Body_OfAStranger_NotReadBeyondWhatALoginHas(string path)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using HttpClient stranger = new() { BaseAddress = console.Root, Timeout = Patience.Limit };
        stranger.DefaultRequestHeaders.Add("X-DeviceMqtt", "1");
        foreach (bool isChunked in (bool[])[false, true])
        {
            using HttpRequestMessage request = new(HttpMethod.Post, $"/api/v1/{path}") { Content = JsonContent.Create(new { name = new string('a', 20_000), password = "x" }) };
            request.Headers.TransferEncodingChunked = isChunked;
            try
            {
                using HttpResponseMessage answer = await stranger.SendAsync(request);
                Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
            }
            catch (HttpRequestException exception) when (exception.InnerException is IOException)
            {
                // The connection ended while the rest was being sent: it was not read either.
            }
        }
    }

    [TestMethod]
    public async Task Body_OfAnOperatorsMessage_AsLongAsAPacketMayBe()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        byte[] payload = new byte[console.Options.Limits.PacketBytesMax - 64]; // with its topic and header it fits
        _ = await console.SendAsync(HttpMethod.Post, "messages", new { topic = "t", base64 = Convert.ToBase64String(payload), qoS = 0 });
        _ = await console.SendAsync(HttpMethod.Post, "stream/nobody/view", new { devices = Enumerable.Range(0, 200).Select(static i => $"{i}{new string('k', 1_000)}").ToArray() }, HttpStatusCode.NotFound);
        using HttpResponseMessage tooLong = await console.AskAsync(HttpMethod.Post, "stream/nobody/view", new { devices = new[] { new string('k', 300_000) } }, isTooLong: true);
        Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, tooLong.StatusCode);
    }

    [TestMethod]
    [DataRow("anna", "wrong house")]
    [DataRow("nobody", "green house")]
    [DataRow("", "x")]
    public async Task LogIn_WrongNameOrPassword_TheSameAnswer(string name, string password)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.SendAsync(HttpMethod.Delete, "session");

        JsonElement problem = await console.SendAsync(HttpMethod.Post, "session", new { name, password }, HttpStatusCode.Unauthorized);

        Assert.AreEqual("The name or the password is wrong.", problem.GetProperty("detail").GetString());
    }

    [TestMethod]
    public async Task LogOut_CookieIsOfNoUseAnyMore()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using HttpResponseMessage login = await console.AskAsync(HttpMethod.Post, "session", new { name = ConsoleUnderTest.Operator, password = ConsoleUnderTest.Password });
        string cookie = login.Headers.GetValues("Set-Cookie").Single();
        StringAssert.Contains(cookie, "HttpOnly", StringComparison.Ordinal);
        StringAssert.Contains(cookie, "SameSite=Strict", StringComparison.Ordinal);
        _ = await console.SendAsync(HttpMethod.Delete, "session");

        using HttpClient thief = new() { BaseAddress = console.Root };
        thief.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        using HttpResponseMessage answer = await thief.GetAsync(new Uri("/api/v1/devices", UriKind.Relative));

        Assert.AreEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [TestMethod]
    public async Task Change_WithoutTheOwnHeader_Forbidden()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        using HttpResponseMessage answer = await console.AskAsync(HttpMethod.Post, "messages", new { topic = "a", text = "x", qoS = 0, retain = false }, isOwn: false);

        Assert.AreEqual(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [TestMethod]
    public async Task Change_FromAPageOfAnotherSite_Forbidden()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        console.Client.DefaultRequestHeaders.Add("Origin", "http://evil.example");

        using HttpResponseMessage answer = await console.AskAsync(HttpMethod.Post, "messages", new { topic = "a", text = "x", qoS = 0, retain = false });

        Assert.AreEqual(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [TestMethod]
    public async Task Monitor_SeesAndChangesNothing()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.PublishAsync("dm/kitchen/note", "secret", retain: true);
        _ = await console.SendAsync(HttpMethod.Put, "users", new { name = "max", role = "monitor", password = "only looking" });
        _ = await console.SendAsync(HttpMethod.Delete, "session");
        _ = await console.SendAsync(HttpMethod.Post, "session", new { name = "max", password = "only looking" });

        _ = await console.GetAsync("devices");
        JsonElement retained = (await console.GetAsync("retained")).GetProperty("items").EnumerateArray().First(static m => m.GetProperty("topic").GetString() == "dm/kitchen/note");
        Assert.IsFalse(retained.TryGetProperty("text", out _), "a monitor sees a payload");
        foreach ((HttpMethod method, string path) in ((HttpMethod, string)[])[(HttpMethod.Post, "messages"), (HttpMethod.Get, "users"), (HttpMethod.Delete, "clients?id=x"), (HttpMethod.Delete, "retained?topic=a"), (HttpMethod.Get, "messages?filter=%23")])
        {
            using HttpResponseMessage answer = await console.AskAsync(method, path, method == HttpMethod.Post ? new { topic = "a", text = "x", qoS = 0, retain = false } : null);
            Assert.AreEqual(HttpStatusCode.Forbidden, answer.StatusCode, path);
        }
    }

    [TestMethod]
    public async Task ApiKey_IsShownOnceAndLetsIn()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        string key = (await console.SendAsync(HttpMethod.Post, "keys", new { name = "prometheus", role = "monitor" })).GetProperty("key").GetString()!;
        using HttpClient program = new() { BaseAddress = console.Root };
        program.DefaultRequestHeaders.Add("Authorization", $"Bearer {key}");

        using HttpResponseMessage seen = await program.GetAsync(new Uri("/api/v1/health", UriKind.Relative));
        using HttpResponseMessage changed = await program.DeleteAsync(new Uri("/api/v1/clients?id=x", UriKind.Relative));

        Assert.AreEqual(HttpStatusCode.OK, seen.StatusCode);
        Assert.AreEqual(HttpStatusCode.Forbidden, changed.StatusCode);
        Assert.IsFalse((await File.ReadAllTextAsync(Path.Combine(console.Options.Data, KeyFile.Name))).Contains(key, StringComparison.Ordinal), "the key is kept as it is");
        _ = await console.SendAsync(HttpMethod.Delete, "keys/prometheus");
        using HttpResponseMessage after = await program.GetAsync(new Uri("/api/v1/health", UriKind.Relative));
        Assert.AreEqual(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [TestMethod]
    public async Task LastOperator_CannotBeRemoved()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        _ = await console.SendAsync(HttpMethod.Delete, "users/anna", body: null, HttpStatusCode.BadRequest);
        _ = await console.SendAsync(HttpMethod.Put, "users", new { name = "anna", role = "monitor", password = "green house" }, HttpStatusCode.BadRequest);
    }

    [TestMethod]
    public async Task UserThatIsRemoved_IsLoggedOutEverywhere()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.SendAsync(HttpMethod.Put, "users", new { name = "max", role = "operator", password = "for a while" });
        using HttpClientHandler handler = new() { CookieContainer = new CookieContainer() };
        using HttpClient max = new(handler) { BaseAddress = console.Root };
        max.DefaultRequestHeaders.Add("X-DeviceMqtt", "1");
        using HttpResponseMessage login = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(max, "/api/v1/session", new { name = "max", password = "for a while" });
        Assert.AreEqual(HttpStatusCode.OK, login.StatusCode);

        _ = await console.SendAsync(HttpMethod.Delete, "users/max");

        using HttpResponseMessage answer = await max.GetAsync(new Uri("/api/v1/devices", UriKind.Relative));
        Assert.AreEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [TestMethod]
    public async Task OperatorOfTheSettings_LogsIn()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync(static options =>
        {
            options.Security.Users["root"] = PasswordHash.Create("of the settings");
            options.Security.Roles["root"] = "operator";
            options.Security.Users["kitchen"] = "device's";
        });

        _ = await console.SendAsync(HttpMethod.Post, "session", new { name = "kitchen", password = "device's" }, HttpStatusCode.Unauthorized);
        JsonElement session = await console.SendAsync(HttpMethod.Post, "session", new { name = "root", password = "of the settings" });

        Assert.AreEqual("operator", session.GetProperty("role").GetString());
    }

    [TestMethod]
    public async Task Users_Unreadable_LetsNobodyIn()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        await File.WriteAllTextAsync(Path.Combine(console.Options.Data, UserFile.Name), "{ not json");

        using HttpResponseMessage answer = await console.AskAsync(HttpMethod.Get, "devices");
        Assert.AreEqual(HttpStatusCode.Forbidden, answer.StatusCode);
        _ = await console.SendAsync(HttpMethod.Post, "session", new { name = "anna", password = "green house" }, HttpStatusCode.Unauthorized);
        Assert.AreEqual("welcome", (await console.GetAsync("session")).GetProperty("state").GetString());
        _ = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code = console.CodeOfLog(), name = "eve", password = "1234567890" }, HttpStatusCode.BadRequest);
        Assert.AreEqual("{ not json", await File.ReadAllTextAsync(Path.Combine(console.Options.Data, UserFile.Name)));
    }

    [TestMethod]
    public async Task Keys_Unreadable_LetNobodyIn()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        string key = (await console.SendAsync(HttpMethod.Post, "keys", new { name = "prometheus", role = "monitor" })).GetProperty("key").GetString()!;
        await File.WriteAllTextAsync(Path.Combine(console.Options.Data, KeyFile.Name), "{ not json");
        using HttpClient program = new() { BaseAddress = console.Root };
        program.DefaultRequestHeaders.Add("Authorization", $"Bearer {key}");

        using HttpResponseMessage answer = await program.GetAsync(new Uri("/api/v1/health", UriKind.Relative));

        Assert.AreEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [TestMethod]
    public async Task Console_Off_HttpHasMqttAlone()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync(static options => options.Console.Enabled = false);

        using HttpResponseMessage answer = await console.AskAsync(HttpMethod.Get, "session");

        Assert.AreEqual(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
