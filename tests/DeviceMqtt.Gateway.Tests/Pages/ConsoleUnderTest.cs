using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Journal;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>A gateway with its HTTP side on real sockets, and a browser's worth of HTTP client.</summary>
internal sealed partial class ConsoleUnderTest : IAsyncDisposable
{
    public const string Operator = "anna";
    public const string Password = "green house";
    private readonly string _folder = Directory.CreateTempSubdirectory("dm-console").FullName;
    private readonly LoggerFactory _loggers;
    private readonly HttpClientHandler _handler = new() { CookieContainer = new CookieContainer(), AutomaticDecompression = DecompressionMethods.None };

    /// <summary>Its data stay when it is disposed, for one that goes on with them.</summary>
    public bool KeepsFolder { get; init; }

    private ConsoleUnderTest(Action<GatewayOptions>? change, IJournalStorage? disk, TimeProvider? time)
    {
        // Its operator is a user: the boards of the tests, which have none, come in all the same.
        Options = new GatewayOptions { Listen = ["127.0.0.1:0"], Http = "127.0.0.1:0", Data = Path.Combine(_folder, "data"), Security = { AllowAnonymous = true, AnonymousRole = "operator" } };
        change?.Invoke(Options);
        _loggers = new LoggerFactory([new Provider(Log)]);
        Host = GatewayHost.CreateOn(disk, Options, _loggers, time);
        Client = new HttpClient(_handler) { Timeout = Patience.Limit };
    }

    public GatewayOptions Options { get; }

    public GatewayHost Host { get; }

    public RecordingLog Log { get; } = new();

    /// <summary>Keeps cookies, as a browser does.</summary>
    public HttpClient Client { get; }

    public Uri Root => new($"http://{Host.HttpEndPoint}");

    public static async Task<ConsoleUnderTest> StartAsync(Action<GatewayOptions>? change = null, bool keepsFolder = false, IJournalStorage? disk = null, TimeProvider? time = null)
    {
        ConsoleUnderTest console = new(change, disk, time) { KeepsFolder = keepsFolder };
        await console.Host.StartAsync();
        console.Client.BaseAddress = console.Root;
        return console;
    }

    /// <summary>With an operator who is logged in.</summary>
    public static async Task<ConsoleUnderTest> StartInAsync(Action<GatewayOptions>? change = null, IJournalStorage? disk = null, TimeProvider? time = null)
    {
        ConsoleUnderTest console = await StartAsync(change, disk: disk, time: time);
        _ = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code = console.CodeOfLog(), name = Operator, password = Password });
        return console;
    }

    /// <summary>The newest one-time code that the log has.</summary>
    public string CodeOfLog() => Log.Lines.Select(static line => CodeIn().Match(line)).Last(static m => m.Success).Value;

    public async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage answer = await Client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.IsTrue(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null, HttpStatusCode? expected = null)
    {
        using HttpResponseMessage answer = await AskAsync(method, path, body);
        string text = await answer.Content.ReadAsStringAsync();
        if (expected is { } status)
            Assert.AreEqual(status, answer.StatusCode, text);
        else
            Assert.IsTrue(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, object? body = null, bool isOwn = true, bool isTooLong = false)
    {
        HttpRequestMessage request = new(method, $"/api/v1/{path}");
        request.Headers.ExpectContinue = isTooLong; // the body is not sent where it is refused, so the answer is not lost
        if (isOwn)
            request.Headers.Add("X-DeviceMqtt", "1");
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return Client.SendAsync(request);
    }

    /// <summary>Asks again until it is as wanted: states are as of a second ago.</summary>
    public async Task<JsonElement> UntilAsync(string path, Func<JsonElement, bool> isWanted)
    {
        using CancellationTokenSource limit = new(Patience.Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            JsonElement found = await GetAsync(path);
            if (isWanted(found))
                return found;
            Assert.IsFalse(limit.IsCancellationRequested, $"{path} stayed {found}");
            _ = await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Publishes as the console does.</summary>
    public Task<JsonElement> PublishAsync(string topic, string text, bool retain = false) => SendAsync(HttpMethod.Post, "messages", new { topic, text, qoS = 1, retain });

    /// <summary>An MQTT client over TCP.</summary>
    public Task<TcpBoard> ConnectAsync(string clientId, bool isClean = true) => TcpBoard.ConnectAsync(Host.MqttEndPoints.First(), clientId, isClean);

    /// <summary>The board kitchen connects, tells its birth, and leaves.</summary>
    public async Task VisitAsync(string clientId)
    {
        using TcpBoard board = await ConnectAsync(clientId);
        await board.PublishAsync("dm/kitchen/info", Birth(clientId), retain: true);
        await board.DisconnectAsync();
        await board.ExpectEndAsync();
    }

    /// <summary>Sends it commands that may wait for an hour.</summary>
    /// <returns>Their ids.</returns>
    public async Task<string[]> SendToKitchenAsync(params string[] commands)
    {
        List<string> ids = [];
        foreach (string command in commands)
            ids.Add((await SendAsync(HttpMethod.Post, "devices/kitchen/commands", new { command, seconds = 3600 }, HttpStatusCode.Accepted)).GetProperty("id").GetString()!);
        return [.. ids];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _handler.Dispose();
        await Patience.Within(Host.StopAsync(), "the stop");
        await Host.DisposeAsync();
        _loggers.Dispose();
        if (!KeepsFolder)
            Directory.Delete(_folder, recursive: true);
    }

    public static string Birth(string clientId, string more = "") =>
        $$$"""{"id":"{{{clientId}}}","fw":"0.2.0","board":"virtual","reset":"power","b":7,"up":1000,"win":4,"tele":{"climate":{"temp":"Cel","hum":"%RH"}},"evt":["button"],"cmd":["relay.set! on:b@relay.on","ping"],"failed":[]{{{more}}}}""";

    public static string Utf8(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    [GeneratedRegex("[A-Z2-9]{4}-[A-Z2-9]{4}")]
    private static partial Regex CodeIn();

    private sealed class Provider(RecordingLog log) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
            // The log is the test's.
        }
    }
}
