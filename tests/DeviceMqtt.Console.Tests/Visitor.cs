using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace DeviceMqtt.Console.Tests;

/// <summary>A gateway on free ports, and a browser that looks at it. What the browser complains of fails the test.</summary>
internal sealed partial class Visitor : IAsyncDisposable
{
    public const string Name = "anna";
    public const string Password = "green house";
    private readonly string _folder = Directory.CreateTempSubdirectory("dm-browser").FullName;
    private readonly LoggerFactory _loggers;
    private readonly Lines _lines = new();
    private readonly ConcurrentQueue<string> _complaints = new();
    private IBrowserContext? _context;

    private Visitor(Action<GatewayOptions>? change)
    {
        // Ports that stay its own: a test may stop the gateway and start it again on them, while the browser tries them.
        Options = new GatewayOptions { Listen = [$"127.0.0.1:{FreePorts.Take()}"], Http = $"127.0.0.1:{FreePorts.Take()}", Data = Path.Combine(_folder, "data") };
        change?.Invoke(Options);
        _loggers = new LoggerFactory([_lines]);
        Host = GatewayHost.Create(Options, _loggers);
    }

    public GatewayOptions Options { get; }

    public GatewayHost Host { get; private set; }

    public IPage Page { get; private set; } = null!;

    public int MqttPort => Host.MqttEndPoints.First().Port;

    public string Root => $"http://{Host.HttpEndPoint}";

    /// <summary>Complaints that a test expects: a connection that is cut is one.</summary>
    public bool ExpectsCuts { get; set; }

    /// <summary>The test has a WebSocket refused.</summary>
    public bool ExpectsRefusal { get; set; }

    /// <summary>The test has a page fail.</summary>
    public bool ExpectsFault { get; set; }

    public static async Task<Visitor> ComeAsync(Action<GatewayOptions>? change = null, bool isPhone = false, bool isDark = false)
    {
        IBrowser browser = Browser.Get();
        Visitor visitor = new(change);
        await visitor.Host.StartAsync();
        visitor._context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = isPhone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 800 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            TimezoneId = "Europe/Berlin",
        });
        visitor._context.SetDefaultTimeout(60_000);
        visitor.Page = await visitor._context.NewPageAsync();
        visitor.Page.Console += (_, message) =>
        {
            if (message.Type is "error")
                visitor._complaints.Enqueue(message.Text);
        };
        visitor.Page.PageError += (_, error) => visitor._complaints.Enqueue(error);
        visitor.Page.Dialog += async (_, dialog) =>
        {
            visitor._complaints.Enqueue($"a script of others opened a dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        return visitor;
    }

    /// <summary>With an operator who is logged in, on the first page.</summary>
    public static async Task<Visitor> ComeInAsync(Action<GatewayOptions>? change = null, bool isPhone = false, bool isDark = false)
    {
        Visitor visitor = await ComeAsync(change, isPhone, isDark);
        await visitor.WelcomeAsync();
        return visitor;
    }

    public async Task WelcomeAsync()
    {
        _ = await Page.GotoAsync(Root);
        await Page.GetByLabel("Code").FillAsync(CodeOfLog());
        await Page.GetByLabel("Your name").FillAsync(Name);
        await Page.GetByLabel("A password").FillAsync(Password);
        await Page.GetByLabel("The same again").FillAsync(Password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();
        await Page.GetByRole(AriaRole.Heading, new() { Name = "Devices", Exact = true }).WaitForAsync();
    }

    public string CodeOfLog() => _lines.All.Select(static line => CodeIn().Match(line)).Last(static m => m.Success).Value;

    public async Task GoAsync(string path)
    {
        _ = await Page.GotoAsync(Root + path);
        await Page.Locator("main h1, .empty h2").First.WaitForAsync();
    }

    /// <summary>Stops the gateway, as a power cut would for the page.</summary>
    public async Task StopGatewayAsync()
    {
        Options.ListenAt(Host.MqttOn, Host.HttpOn);
        await Host.StopAsync();
        await Host.DisposeAsync();
    }

    /// <summary>The gateway again, on the same ports and data.</summary>
    public async Task StartGatewayAsync()
    {
        Host = GatewayHost.Create(Options, _loggers);
        await Host.StartAsync();
    }

    /// <summary>Asks the API from inside the page, with its login.</summary>
    public Task<string> AskAsync(string method, string path, string? json = null) => Page.EvaluateAsync<string>(
        "async ([m, p, b]) => (await fetch('/api/v1/' + p, { method: m, headers: { 'content-type': 'application/json', 'X-DeviceMqtt': '1' }, body: b ?? undefined })).text()", new object?[] { method, path, json });

    /// <summary>Asks again until the answer is as wanted: what is read from the journal after a start comes in its time.</summary>
    public async Task UntilAskedAsync(string path, Func<System.Text.Json.JsonElement, bool> isWanted)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        while (await AskAsync("GET", path) is var answer && !isWanted(System.Text.Json.JsonDocument.Parse(answer).RootElement))
        {
            Assert.IsLessThan(Patience.Limit, System.Diagnostics.Stopwatch.GetElapsedTime(began), answer);
            _ = await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Lets a device in, as <c>device add</c> does.</summary>
    /// <returns>Its password, which is its name as well.</returns>
    public string LetIn(string device)
    {
        new UserFile(Options.Data).Set(device, PasswordHash.Create(device));
        return device;
    }

    /// <summary>Somebody else, in the same browser.</summary>
    public async Task LogInAsync(string name, string password)
    {
        _ = await AskAsync("DELETE", "session");
        _ = await Page.GotoAsync(Root);
        await Page.GetByLabel("Name").FillAsync(name);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Page.GetByRole(AriaRole.Heading, new() { Name = "Devices", Exact = true }).WaitForAsync();
    }

    /// <summary>A reading of each of so many boards, without the way over the network.</summary>
    public void PublishOfMany(int boards)
    {
        for (int i = 0; i < boards; i++)
            Publish($"dm/board-{i}/tele/climate", """{"n":1,"temp":20}""");
    }

    /// <summary>As the gateway itself does.</summary>
    public void Publish(string topic, string payload)
    {
        using Turn.Scope scope = Host.Broker.Turn.Enter();
        Publication publication = new() { Route = Host.Broker.Routes.Get(topic), QoS = QoS.AtLeastOnce, Payload = System.Text.Encoding.UTF8.GetBytes(payload), Origin = Origin.Gateway, NowMs = Host.Broker.Turn.NowMs };
        _ = Host.Broker.Publish(ref publication);
    }

    public Task PublishAsync(string topic, string text, bool isRetained = false) =>
        AskAsync("POST", "messages", System.Text.Json.JsonSerializer.Serialize(new { topic, text, qoS = 1, retain = isRetained }));

    /// <summary>The list has a row of a device. Its name alone may stand elsewhere too: the page without a device has an example.</summary>
    public Task ExpectRowAsync(string device) => Assertions.Expect(Page.Locator("[data-row]", new() { HasText = device }).First).ToBeVisibleAsync();

    /// <summary>Nothing is wider than the window.</summary>
    public async Task ExpectNoSidewaysScrollAsync(string what) =>
        Assert.IsTrue(await Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{what} scrolls sideways: {await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")} px");

    public async ValueTask DisposeAsync()
    {
        if (_context is not null)
            await _context.CloseAsync();
        await Host.StopAsync();
        await Host.DisposeAsync();
        _loggers.Dispose();
        Directory.Delete(_folder, recursive: true);
        // A request that the gateway has refused is in the console of the browser too; scripts and the policy are what must not be.
        string[] wrong = [.. _complaints.Where(c => !c.Contains("Failed to load resource", StringComparison.Ordinal) && !(ExpectsCuts && c.Contains("ERR_", StringComparison.Ordinal)) && !(ExpectsRefusal && c.Contains("WebSocket connection to", StringComparison.Ordinal)) && !(ExpectsFault && c.Contains("TypeError", StringComparison.Ordinal)))];
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [GeneratedRegex("[A-Z2-9]{4}-[A-Z2-9]{4}")]
    private static partial Regex CodeIn();

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Enqueue(formatter(state, exception));

        public void Dispose()
        {
            // The lines are the test's.
        }
    }
}
