using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>Strangers with many addresses stand in all doors, and those who belong get in: to the page, and with a password that takes a hash.</summary>
[TestClass]
[DoNotParallelize]
public sealed class HostileDoorTests
{
    private const int Addresses = 190; // from 127.0.0.66 on
    private const int HeldMax = 2_000; // HTTP connections that are held open: many times what the gateway has places for
    private const int OfEach = 6; // logins at once: more than may wait, together
    private const string Person = "anna";
    private const string Board = "hashed-board";
    private const string Password = "a green house";
    private static readonly Attack _attack = new("strangers in the doors", static _ => Task.CompletedTask);

    [TestMethod]
    public async Task HttpConnections_TakenByManyAddresses_AnOperatorGetsInAndAnOpenPageStays()
    {
        await using HostileGateway gateway = await HostileGateway.Start(_attack, Users());
        using HttpClient page = Browser(gateway);
        Assert.AreEqual("in", await LogIn(page));
        using HttpResponseMessage stream = await page.GetAsync("stream", HttpCompletionOption.ResponseHeadersRead);
        using StreamReader events = new(await stream.Content.ReadAsStreamAsync());
        while (await events.ReadLineAsync().WaitAsync(Patience.Default) != "event: seat")
        {
        }

        using CancellationTokenSource stop = new();
        await using Mallory mallory = new(gateway.Port, gateway.HttpPort, stop.Token);
        byte[] slow = "GET / HTTP/1.1\r\nHost: gateway\r\n"u8.ToArray();
        byte[] slowBody = "POST /api/v1/session HTTP/1.1\r\nHost: gateway\r\nX-DeviceMqtt: 1\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n{"u8.ToArray();
        byte[] whole = "GET /api/v1/session HTTP/1.1\r\nHost: gateway\r\n\r\n"u8.ToArray();
        TaskCompletionSource isFull = new();
        Task attacking = Task.Run(async () =>
        {
            Queue<HostileSocket> held = new();
            for (int i = 0; !mallory.IsToStop; i++)
            {
                if (await mallory.Open(i % 40, gateway.HttpPort) is { } socket)
                {
                    _ = await socket.Send((i % 4) switch { 0 => slow, 1 => slowBody, 2 => whole, _ => [] });
                    held.Enqueue(socket);
                }

                // The gateway has closed it long ago; without this the test runs out of files on a fast machine.
                if (held.Count > HeldMax)
                    await held.Dequeue().DisposeAsync();
                if (i == 400)
                    isFull.SetResult();
            }
        });
        await isFull.Task.WaitAsync(Patience.Default);

        using HttpClient another = Browser(gateway);
        int tries = await UntilAnswered(async () => Assert.AreEqual("in", await LogIn(another)), gateway);
        for (int i = 0; i < 20; i++)
            tries += await UntilAnswered(async () =>
            {
                using HttpClient again = Browser(gateway);
                again.DefaultRequestHeaders.Add("Cookie", another.DefaultRequestHeaders.GetValues("Cookie"));
                using HttpResponseMessage devices = await again.GetAsync("devices");
                Assert.AreEqual(HttpStatusCode.OK, devices.StatusCode);
            }, gateway);
        Console.WriteLine($"in after {tries} tries, of 21 that it takes at least");

        // The stream of the first page goes on.
        for (int i = 0; i < 20; i++)
            Assert.IsNotNull(await events.ReadLineAsync().WaitAsync(Patience.Default), "the end of the stream");
        await stop.CancelAsync();
        await attacking.WaitAsync(Patience.Default);
        Assert.IsFalse(gateway.Process.HasExited, gateway.Process.Transcript());
    }

    [TestMethod]
    public async Task Logins_WrongPasswordsOfManyAddresses_AnHonestNewcomerGetsIn()
    {
        await using HostileGateway gateway = await HostileGateway.Start(_attack, Users());
        using CancellationTokenSource stop = new();
        await using Mallory mallory = new(gateway.Port, gateway.HttpPort, stop.Token);
        TaskCompletionSource isFull = new();
        int sent = 0;
        Task attacking = Task.Run(() => Mallory.Each(Addresses * OfEach, async number =>
        {
            for (int i = 0; !mallory.IsToStop; i++)
            {
                if (await mallory.Open(number % Addresses) is not { } socket)
                    continue;
                _ = await socket.Send(HostileBytes.Connect($"m{number}.{i}", (i & 1) == 0 ? Person : Board, clean: true, password: "wrong"));
                if (Interlocked.Increment(ref sent) == Addresses * OfEach)
                    isFull.SetResult();
                while (!mallory.IsToStop && !await socket.HasEnded(TimeSpan.FromSeconds(1)))
                {
                }

                await socket.DisposeAsync();
            }
        }, atOnce: Addresses * OfEach));
        await isFull.Task.WaitAsync(Patience.Default);

        // A client that is refused comes again, as clients do.
        await GetsIn(gateway, Board);
        await GetsIn(gateway, Person);
        await stop.CancelAsync();
        await attacking.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.IsFalse(gateway.Process.HasExited, gateway.Process.Transcript());
    }

    // A connection that is closed before it is answered is made again, as browsers do.
    private static async Task<int> UntilAnswered(Func<Task> ask, HostileGateway gateway)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        for (int tries = 1; ; tries++)
        {
            try
            {
                await ask();
                return tries;
            }
            catch (HttpRequestException exception)
            {
                if (System.Diagnostics.Stopwatch.GetElapsedTime(began) > Patience.Default)
                    Assert.Fail($"not answered, {tries} tries: {exception.Message} {gateway.Process.Transcript()}");
            }
        }
    }

    private static async Task GetsIn(HostileGateway gateway, string user)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        for (int tries = 1; ; tries++)
        {
            await using Mallory honest = new(gateway.Port, gateway.HttpPort, patience.Token);
            if (await honest.Open(-60) is { } socket && await socket.Send(HostileBytes.Connect($"{user}-client", user, clean: true, password: Password)) && await socket.ReadConnAck())
            {
                string refused = string.Join(Environment.NewLine, gateway.Process.Output.Items.Where(static line => line.Contains("127.0.0.6:", StringComparison.Ordinal)).Take(5));
                Console.WriteLine($"{user}: in after {tries} tries and {System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s. {refused}");
                return;
            }

            Assert.IsFalse(patience.IsCancellationRequested, $"'{user}' does not get in, {tries} tries: {gateway.Process.Transcript()}");
        }
    }

    private static HttpClient Browser(HostileGateway gateway)
    {
        HttpClient browser = new() { BaseAddress = new Uri($"http://127.0.0.1:{gateway.HttpPort}/api/v1/"), Timeout = Patience.Default };
        browser.DefaultRequestHeaders.Add("X-DeviceMqtt", "1");
        browser.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        return browser;
    }

    // Of HttpClient's cookies those of 127.0.0.1 are kept by itself.
    private static async Task<string?> LogIn(HttpClient browser)
    {
        using HttpResponseMessage answer = await browser.PostAsJsonAsync("session", new { name = Person, password = Password });
        JsonElement said = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (answer.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies))
            browser.DefaultRequestHeaders.Add("Cookie", cookies.Single().Split(';')[0]);
        return said.TryGetProperty("state", out JsonElement state) ? state.GetString() : said.ToString();
    }

    private static string[] Users() =>
    [
        $"Security:Users:{Person}={Hash(600_000)}", $"Security:Roles:{Person}=operator",
        $"Security:Users:{Board}={Hash(10_000)}", $"Security:Roles:{Board}=open", $"Security:ClientIds:{Board}:0=*",
    ];

    // As the gateway stores a password.
    private static string Hash(int iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(16);
        return $"pbkdf2-sha256:{iterations}:{Convert.ToBase64String(salt)}:{Convert.ToBase64String(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(Password), salt, iterations, HashAlgorithmName.SHA256, 32))}";
    }
}
