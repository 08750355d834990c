using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Journal;
using DeviceMqtt.Relay.Sending;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Topics, retained messages, clients, relay, health and what is said of the gateway itself.</summary>
[TestClass]
public sealed class GatewayApiTests
{
    [TestMethod]
    public async Task Healthz_WithoutALogin_Answers()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();

        Assert.AreEqual("""{"status":"ok"}""", await console.Client.GetStringAsync(new Uri("/healthz", UriKind.Relative)));
        Assert.AreEqual("""{"status":"ok"}""", await console.Client.GetStringAsync(new Uri("/readyz", UriKind.Relative)));
    }

    [TestMethod]
    public async Task Answer_ThatIsKnown_NotModified()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using HttpResponseMessage first = await console.AskAsync(HttpMethod.Get, "settings");
        console.Client.DefaultRequestHeaders.Add("If-None-Match", first.Headers.ETag!.ToString());

        using HttpResponseMessage second = await console.AskAsync(HttpMethod.Get, "settings");

        Assert.AreEqual(HttpStatusCode.NotModified, second.StatusCode);
    }

    // A supervisor that keeps the tag of "not ready" was told that nothing had changed, and took it for ready (RFC 9110, section 13.2.1).
    [TestMethod]
    [DataRow("*"), DataRow(null)]
    public async Task Readyz_NotReady_IsSaidWhateverIsKnown(string? known)
    {
        using HeldDisk disk = new(new MemoryStorage());
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(disk: disk);
        disk.Fault = new IOException("the card is gone");
        _ = await console.SendAsync(HttpMethod.Post, "messages", new { topic = "t", text = "x", qoS = 1, retain = true }, HttpStatusCode.ServiceUnavailable);
        using HttpResponseMessage first = await console.Client.GetAsync(new Uri("/readyz", UriKind.Relative));
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, first.StatusCode);
        Assert.IsNull(first.Headers.ETag);
        console.Client.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", known ?? first.Headers.ETag?.ToString() ?? "\"x\"");

        using HttpResponseMessage second = await console.Client.GetAsync(new Uri("/readyz", UriKind.Relative));

        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, second.StatusCode);
    }

    // A reload does not take them over: the listeners were made with those of the start.
    [TestMethod]
    public async Task Settings_AfterAReload_ThoseInForceWithWhereTheyCameFrom()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static o =>
        {
            o.Security.TrustedProxies.Add("127.0.0.9");
            o.SourcesRead = new(static () => [new("Security:TrustedProxies:0", "127.0.0.9", "old.json"), new("Limits:InflightMax", "20", "old.json")]);
        });
        GatewayOptions next = new()
        {
            Listen = console.Options.Listen,
            Http = console.Options.Http,
            Data = console.Options.Data,
            Security = { AllowAnonymous = true, AnonymousRole = "operator" },
            Limits = { InflightMax = 7 },
            SourcesRead = new(static () => [new("limits:inflightmax", "7", "environment"), new("Security:AllowAnonymous", "true", "new.json"), new("Http", "elsewhere", "new.json")]),
        };
        GatewayReload reload = new(console.Host, console.Options, new LogLevels(Microsoft.Extensions.Logging.LogLevel.Information), console.Log);

        string said = string.Join(';', reload.Run(() => next).Lines);

        StringAssert.Contains(said, "needs a restart: Security:TrustedProxies:0", StringComparison.Ordinal);
        Dictionary<string, (string? Value, string? From)> shown = (await console.GetAsync("settings")).EnumerateArray().ToDictionary(static s => s.GetProperty("key").GetString()!, static s => (s.GetProperty("value").GetString(), s.GetProperty("from").GetString()), StringComparer.Ordinal);
        Assert.AreEqual(("127.0.0.9", "old.json"), shown["Security:TrustedProxies:0"]);
        Assert.AreEqual(("7", "environment"), shown["Limits:InflightMax"]);
        Assert.AreEqual("new.json", shown["Security:AllowAnonymous"].From);
        Assert.AreNotEqual("new.json", shown["Http"].From, "it needs a restart");
    }

    [TestMethod]
    public async Task Topics_LevelByLevel_WithTheLastMessage()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.PublishAsync("house/attic/light", "on", retain: true);
        JsonElement first = await console.GetAsync("topics");
        Assert.AreEqual("house", first.GetProperty("levels")[0].GetProperty("level").GetString());

        _ = await console.PublishAsync("house/attic/door", "shut");

        JsonElement below = await console.GetAsync("topics?parent=house%2Fattic");
        Assert.AreEqual("door=shut,light=on", string.Join(',', below.GetProperty("levels").EnumerateArray().Select(static l => $"{l.GetProperty("level").GetString()}={l.GetProperty("message").GetProperty("text").GetString()}")));
    }

    [TestMethod]
    public async Task Retained_Removed_IsGone()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.PublishAsync("house/light", "on", retain: true);
        Assert.AreEqual(1, (await console.GetAsync("retained?filter=house%2F%23")).GetProperty("items").GetArrayLength());

        _ = await console.SendAsync(HttpMethod.Delete, "retained?topic=house%2Flight");

        Assert.AreEqual(0, (await console.GetAsync("retained?filter=house%2F%23")).GetProperty("items").GetArrayLength());
        _ = await console.SendAsync(HttpMethod.Delete, "retained?topic=house%2Flight", body: null, HttpStatusCode.NotFound);
    }

    [TestMethod]
    [DataRow("a/#")]
    [DataRow("")]
    [DataRow("$SYS/broker/x")]
    [DataRow("$gw/relay/aside")]
    public async Task Publish_ToWhatIsNoTopicForIt_Refused(string topic)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        _ = await console.SendAsync(HttpMethod.Post, "messages", new { topic, text = "x", qoS = 1, retain = false }, HttpStatusCode.BadRequest);
    }

    [TestMethod]
    public async Task Payload_ThatIsNoText_ComesAsBase64()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        _ = await console.SendAsync(HttpMethod.Post, "messages", new { topic = "pic", base64 = "//79", qoS = 1, retain = true });

        JsonElement message = (await console.GetAsync("retained?filter=pic")).GetProperty("items")[0];
        Assert.AreEqual(("//79", 3), (message.GetProperty("base64").GetString(), message.GetProperty("bytes").GetInt32()));
    }

    [TestMethod]
    public async Task Client_Ended_IsDisconnected()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using TcpBoard board = await console.ConnectAsync("node-red");
        Assert.AreEqual(1, (await console.GetAsync("clients")).GetProperty("total").GetInt32());

        _ = await console.SendAsync(HttpMethod.Delete, "clients?id=node-red");

        await board.ExpectEndAsync();
        _ = await console.UntilAsync("clients", static c => c.GetProperty("total").GetInt32() == 0);
    }

    [TestMethod]
    public async Task Relay_UpstreamThatIsNotThere_SaidInWordsWithWhatToDo()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Upstream = "mqtt://127.0.0.1:9");
        _ = await console.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":20}""");

        JsonElement upstream = (await console.UntilAsync("relay", static r => r.GetProperty("upstreams")[0].TryGetProperty("error", out _))).GetProperty("upstreams")[0];

        Assert.AreEqual("nobody listens there", upstream.GetProperty("error").GetString());
        Assert.AreEqual("Check the port in the setting, and whether the broker runs.", upstream.GetProperty("do").GetString());
        Assert.AreEqual(1, upstream.GetProperty("waiting").GetInt32());
    }

    [TestMethod]
    public async Task Aside_NoPlaceInTheBacklog_SaidAndItStaysUntilItIsDropped()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options =>
        {
            options.Upstream = "mqtt://127.0.0.1:9"; // nobody is there
            options.Limits.RelayMessagesMax = 1;
        });
        _ = await console.PublishAsync("dm/kitchen/tele/climate", "not taken");
        using (console.Host.Broker.Turn.Enter())
        {
            RelayBuffer buffer = console.Host.Uplinks[0].Session.Buffer;
            Assert.IsTrue(buffer.TryTake(console.Host.Broker.Turn.NowMs, out Message? taken));
            Assert.IsTrue(buffer.SetAside(taken!, AsideReason.Refused(0x80)));
        }

        _ = await console.PublishAsync("dm/kitchen/tele/climate", "waits");

        JsonElement refused = await console.SendAsync(HttpMethod.Post, "relay/upstream/aside/1/retry", body: null, HttpStatusCode.BadRequest);
        StringAssert.Contains($"{refused}", "it stays aside", StringComparison.Ordinal);
        Assert.AreEqual(1, (await console.GetAsync("relay/upstream/aside")).GetArrayLength());
        Assert.AreEqual(1, (await console.GetAsync("relay")).GetProperty("upstreams")[0].GetProperty("waiting").GetInt32(), "nothing was dropped for it");
        _ = await console.SendAsync(HttpMethod.Post, "relay/upstream/aside/2/retry", body: null, HttpStatusCode.NotFound);
        _ = await console.SendAsync(HttpMethod.Delete, "relay/upstream/aside/1");
        Assert.AreEqual(0, (await console.GetAsync("relay/upstream/aside")).GetArrayLength());
    }

    [TestMethod]
    public async Task Relay_UpstreamThatIsBack_TriedNow()
    {
        using TcpListener port = new(IPAddress.Loopback, 0);
        port.Start();
        int number = ((IPEndPoint)port.LocalEndpoint).Port;
        port.Stop();
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(options =>
        {
            options.Upstream = $"mqtt://127.0.0.1:{number}";
            options.Relay.BackoffMinMs = options.Relay.BackoffMaxMs = 3_600_000; // by itself not within this test
        });
        JsonElement away = await console.UntilAsync("relay", static r => r.GetProperty("upstreams")[0].TryGetProperty("nextTry", out _));
        using TcpListener upstream = new(IPAddress.Loopback, number);
        upstream.Start();

        JsonElement done = await console.SendAsync(HttpMethod.Post, "relay/upstream/try");

        Assert.AreEqual("it is tried now", done.GetProperty("text").GetString());
        Assert.IsTrue(away.GetProperty("upstreams")[0].GetProperty("nextTry").GetInt64() - away.GetProperty("now").GetInt64() > 1_000_000, $"{away}");
        using TcpClient tried = await upstream.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(60));
        JsonElement again = await console.SendAsync(HttpMethod.Post, "relay/upstream/try");
        Assert.AreEqual("it is being tried already", again.GetProperty("text").GetString());
        Assert.IsFalse((await console.GetAsync("relay")).GetProperty("upstreams")[0].TryGetProperty("nextTry", out _));
        _ = await console.SendAsync(HttpMethod.Post, "relay/other/try", body: null, HttpStatusCode.NotFound);
    }

    [TestMethod]
    public async Task Health_ClientThatMixesPortsUp_Told()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options =>
        {
            CertificatesUntil(options, days: 300);
            options.Listen = ["127.0.0.1:0", "mqtts://127.0.0.1:0"];
        });
        using TcpClient withoutTls = new();
        await withoutTls.ConnectAsync(console.Host.MqttsEndPoints.First());
        await withoutTls.GetStream().WriteAsync(Packet.Of("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 61"));
        using TcpClient withTls = new();
        await withTls.ConnectAsync(console.Host.HttpEndPoint!);
        await withTls.GetStream().WriteAsync(Packet.Of("16 03 01 00 05"));

        JsonElement health = await console.UntilAsync("health", static found => HasNote(found, "plain-on-tls-port") && HasNote(found, "tls-on-plain-port"));

        Assert.IsFalse(HasNote(health, "certificate-ends"));
    }

    [TestMethod]
    public async Task Health_CertificateThatEndsSoon_Told()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options =>
        {
            CertificatesUntil(options, days: 10);
            File.Delete(new CertificateFolder(options.Data).PathOf(CertificateFolder.CaKeyName)); // kept elsewhere: the gateway cannot renew it
            options.Listen = ["127.0.0.1:0", "mqtts://127.0.0.1:0"];
        });

        _ = await console.UntilAsync("health", static found => HasNote(found, "certificate-ends"));
    }

    private static void CertificatesUntil(GatewayOptions options, int days) =>
        new CertificateFolder(options.Data).Create(["localhost"], [IPAddress.Loopback], TimeProvider.System.GetUtcNow().AddDays(days - CertificateMaker.ServerDays));

    private static bool HasNote(JsonElement health, string rule) => health.GetProperty("notes").EnumerateArray().Any(note => note.GetProperty("id").GetString()!.StartsWith(rule, StringComparison.Ordinal));

    [TestMethod]
    public async Task Health_LedgerBalances()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Upstream = "mqtt://127.0.0.1:9");
        _ = await console.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":20}""");

        JsonElement relay = (await console.GetAsync("ledger")).EnumerateArray().First(static a => a.GetProperty("class").GetString() == "relay");

        Assert.AreEqual((1, 1, true), (relay.GetProperty("accepted").GetInt32(), relay.GetProperty("pending").GetInt32(), relay.GetProperty("balanced").GetBoolean()));
    }

    [TestMethod]
    public async Task Settings_SecretsAreHidden()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options =>
        {
            options.Upstream = "mqtt://user:hush@127.0.0.1:9";
            options.Relay.UserName = "gateway";
            options.Relay.Password = "hush";
            options.Security.Users["kitchen"] = "hush";
            options.Security.AccessKeys["LTAI"] = "hush";
        });

        string settings = (await console.GetAsync("settings")).ToString();

        Assert.IsFalse(settings.Contains("hush", StringComparison.Ordinal), settings);
        StringAssert.Contains(settings, "Limits:ConnectionsMax", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Metrics_ForPrometheus_WithTypesUnitsAndLabels()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Upstream = "mqtt://127.0.0.1:9");
        using TcpBoard board = await console.ConnectAsync("GID_home@@@kitchen");
        await board.PublishAsync("dm/kitchen/tele/climate", """{"n":1,"temp":20}""");

        string text = await console.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        foreach (string line in (string[])["# TYPE devicemqtt_messages_received_total counter", "devicemqtt_messages_received_total 1", "# TYPE devicemqtt_connections gauge", "devicemqtt_connections 1", "devicemqtt_relay_backlog{upstream=\"upstream\"} 1", "devicemqtt_custody_messages{class=\"relay\",state=\"pending\"} 1"])
            StringAssert.Contains(text, line + "\n", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Log_Lines_AreThere()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        JsonElement log = await console.GetAsync("log?level=information");

        Assert.IsTrue(log.GetProperty("lines").EnumerateArray().Any(static l => l.GetProperty("text").GetString()!.Contains("'anna' logged in", StringComparison.Ordinal)), log.ToString());
    }

    [TestMethod]
    public async Task Path_ThatIsNone_IsAProblemAndNotAPage()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        _ = await console.SendAsync(HttpMethod.Get, "nothing", body: null, HttpStatusCode.NotFound);
    }

    [TestMethod]
    public async Task OpenApi_Document_IsTheOneInTheDocuments()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        string now = (await console.Client.GetStringAsync(new Uri("/api/v1/openapi.json", UriKind.Relative))).ReplaceLineEndings("\n").TrimEnd() + "\n";
        string path = Path.Combine(Tree.Root(), "gateway", "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("DEVICEMQTT_OPENAPI") == "write")
            await File.WriteAllTextAsync(path, now);

        Assert.AreEqual((await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n"), now, "the API has changed: DEVICEMQTT_OPENAPI=write writes its document anew");
    }

    [TestMethod]
    public async Task Documentation_OfTheApi_IsReadWithoutTheInternet()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        string page = await console.Client.GetStringAsync(new Uri("/api/v1/docs", UriKind.Relative));

        Assert.IsFalse(page.Contains("cdn.", StringComparison.OrdinalIgnoreCase), page);
    }
}
