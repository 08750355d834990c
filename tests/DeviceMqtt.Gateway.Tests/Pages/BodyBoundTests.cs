using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Each end point of the API takes no longer a body than it has a use for, from whomever it comes, and its description says how long that is.</summary>
[TestClass]
public sealed class BodyBoundTests
{
    private const int WithoutBody = 1024;
    private const int StrangersMax = 8 * 1024;

    private readonly record struct EndPoint(HttpMethod Method, string Path, bool HasBody, int Max);

    [TestMethod]
    public async Task EveryEndPoint_BodyLongerThanItsBound_RefusedForAll()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using HttpClient stranger = new() { BaseAddress = console.Root, Timeout = Patience.Limit };
        List<EndPoint> all = await FindAsync(console);
        Assert.IsGreaterThan(8, all.Count(static one => one.HasBody), "end points with a body");
        foreach (EndPoint one in all)
        {
            Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, await SendAsync(console.Client, one, one.Max + 1), $"{one}, from an operator");
            Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, await SendAsync(stranger, one, one.Max + 1), $"{one}, from a stranger");
            if (one.HasBody)
                Assert.AreNotEqual(HttpStatusCode.RequestEntityTooLarge, await SendAsync(console.Client, one, one.Max), $"{one}, as long as it may be");
        }
    }

    [TestMethod]
    public async Task BodyInChunks_LongerThanItsBound_Refused()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/api/v1/session", UriKind.Relative)) { Content = Spaces(StrangersMax + 1) };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Add("X-DeviceMqtt", "1");

        using HttpResponseMessage answer = await console.Client.SendAsync(request);

        Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    // What is still to come is not waited for: the client has sent a header, and nothing of the body.
    [TestMethod]
    public async Task BodyTooLong_NothingOfItSent_AnsweredAndClosed()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartAsync();
        using System.Net.Sockets.TcpClient client = new();
        await client.ConnectAsync(console.Host.HttpEndPoint!);
        await client.GetStream().WriteAsync("POST /api/v1/session HTTP/1.1\r\nHost: gateway\r\nX-DeviceMqtt: 1\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n"u8.ToArray());
        using StreamReader reader = new(client.GetStream(), Encoding.ASCII);

        string answer = await Patience.Within(reader.ReadToEndAsync(), "the answer, and the end of the connection");

        Assert.IsTrue(answer.StartsWith("HTTP/1.1 413 ", StringComparison.Ordinal), answer);
        Assert.IsTrue(answer.Contains("Connection: close", StringComparison.Ordinal), answer);
        Assert.IsTrue(answer.Contains("without a login", StringComparison.Ordinal), $"before there are pages: {answer}");
    }

    private static async Task<List<EndPoint>> FindAsync(ConsoleUnderTest console)
    {
        JsonElement paths = (await console.GetAsync("openapi.json")).GetProperty("paths");
        List<EndPoint> all = [];
        foreach (JsonProperty path in paths.EnumerateObject())
            foreach (JsonProperty operation in path.Value.EnumerateObject())
                all.Add(Describe(path.Name, operation));
        return all;
    }

    private static EndPoint Describe(string path, JsonProperty operation)
    {
        // "/api/v1/relay/{name}/aside/{number}/retry"
        string filled = string.Join('/', path.Split('/').Select(static part => part.StartsWith('{') ? "1" : part));
        HttpMethod method = HttpMethod.Parse(operation.Name.ToUpperInvariant());
        if (!operation.Value.TryGetProperty("requestBody", out _))
            return new EndPoint(method, filled, HasBody: false, WithoutBody);
        Assert.IsTrue(operation.Value.GetProperty("responses").TryGetProperty("413", out JsonElement tooLong), $"{operation.Name} {path} does not say how long its body may be");
        string digits = string.Concat(tooLong.GetProperty("description").GetString()!.Where(char.IsAsciiDigit));
        return new EndPoint(method, filled, HasBody: true, int.Parse(digits, CultureInfo.InvariantCulture));
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, EndPoint to, int bytes)
    {
        using HttpRequestMessage request = new(to.Method, new Uri(to.Path, UriKind.Relative)) { Content = Spaces(bytes) };
        request.Headers.Add("X-DeviceMqtt", "1");
        request.Headers.ExpectContinue = true; // the body is not sent where it is refused, so the answer is not lost
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }

    private static StringContent Spaces(int bytes) => new(new string(' ', bytes), Encoding.UTF8, "application/json");
}
