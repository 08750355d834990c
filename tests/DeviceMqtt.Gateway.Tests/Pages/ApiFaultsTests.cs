using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Whatever is wrong with a request to the API, the answer is a problem (RFC 9457) that says what, with the status that HTTP has for it.</summary>
[TestClass]
public sealed class ApiFaultsTests
{
    private const int LongestBody = 8 * 1024;
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    private static readonly byte[] BadUtf8 = [.. "{\"topic\":\""u8, 0xC3, 0x28, .. "\"}"u8];

    [TestMethod]
    [DataRow("")]
    [DataRow("{")]
    [DataRow("[]")]
    [DataRow("null")]
    [DataRow("bad UTF-8")]
    public async Task Body_ThatIsNoneOfThatKind_BadRequestInWords(string text)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        byte[] body = text == "bad UTF-8" ? BadUtf8 : Encoding.UTF8.GetBytes(text);

        JsonElement problem = await ExpectAsync(console, HttpMethod.Post, "messages", HttpStatusCode.BadRequest, Json(body));

        StringAssert.Contains(problem.GetProperty("detail").GetString(), "body", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("POST", "messages", """{"topic":"a","qoS":"x"}""", "'qoS'")]
    [DataRow("POST", "messages", """{"topic":1}""", "'topic'")]
    [DataRow("POST", "messages", """{"topic":"a","text":"on","base64":"b24="}""", "'text' and 'base64'")]
    [DataRow("PUT", "users", """{"name":"ha","role":"monitor","password":"green house","clientIds":[""]}""", "'clientIds'")]
    [DataRow("POST", "provision", """{"name":"n3","board":"huzzah32","ssid":"net","port":99999999999}""", "'port'")]
    [DataRow("GET", "trace?limit=abc", null, "'limit'")]
    [DataRow("GET", "trace?minutes=99999999999", null, "'minutes'")]
    [DataRow("GET", "clients?limit=99999999999999999999", null, "'limit'")]
    [DataRow("GET", "clients?limit=-1", null, "'limit'")]
    [DataRow("GET", "devices?limit=-1", null, "'limit'")]
    [DataRow("GET", "devices?offset=-1", null, "'offset'")]
    [DataRow("GET", "devices?sort=nope", null, "'sort'")]
    [DataRow("GET", "clients?sort=nope", null, "'sort'")]
    [DataRow("GET", "retained?limit=-1", null, "'limit'")]
    [DataRow("GET", "topics?limit=0", null, "'limit'")]
    [DataRow("GET", "log?level=nope", null, "'level'")]
    [DataRow("GET", "start?devices=nope", null, "'devices'")]
    [DataRow("GET", "devices/kitchen/readings", null, "'stream'")]
    [DataRow("DELETE", "retained", null, "'topic'")]
    [DataRow("DELETE", "clients", null, "'id'")]
    [DataRow("DELETE", "trace/rules", null, "'text'")]
    public async Task FieldOrParameter_ThatIsWrong_IsNamed(string method, string path, string? body, string named)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        JsonElement problem = await ExpectAsync(console, HttpMethod.Parse(method), path, HttpStatusCode.BadRequest, body is null ? null : Json(Encoding.UTF8.GetBytes(body)));

        StringAssert.Contains(problem.GetProperty("detail").GetString(), named, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("DELETE", "keys/nope", null)]
    [DataRow("DELETE", "devices/nope", null)]
    [DataRow("DELETE", "users/nope", null)]
    [DataRow("POST", "devices/nope/commands", """{"command":"ping"}""")]
    [DataRow("GET", "nowhere", null)]
    public async Task What_IsNotThere_NotFound(string method, string path, string? body)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        _ = await ExpectAsync(console, HttpMethod.Parse(method), path, HttpStatusCode.NotFound, body is null ? null : Json(Encoding.UTF8.GetBytes(body)));
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("text/plain")]
    [DataRow("application/x-www-form-urlencoded")]
    public async Task ContentType_ThatIsNotJson_UnsupportedMediaType(string? type)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        foreach (string path in (string[])["messages", "session", "keys", "provision", "devices/kitchen/commands"])
        {
            using ByteArrayContent content = new("""{"topic":"a"}"""u8.ToArray());
            content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
            _ = await ExpectAsync(console, HttpMethod.Post, path, HttpStatusCode.UnsupportedMediaType, content);
        }
    }

    [TestMethod]
    public async Task Method_ThatThePathDoesNotHave_NotAllowedWithThoseItHas()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        using HttpResponseMessage answer = await console.AskAsync(HttpMethod.Patch, "clients");

        _ = await ProblemOfAsync(answer, "PATCH clients");
        Assert.AreEqual(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        CollectionAssert.AreEquivalent((string[])["GET", "HEAD", "DELETE"], answer.Content.Headers.Allow.ToArray());
    }

    [TestMethod]
    [DataRow("settings")]
    [DataRow("devices")]
    [DataRow("stream")]
    [DataRow("messages")]
    [DataRow("openapi.json")]
    public async Task Head_AsGetWithoutABody(string path)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        // A stream too is over with its header.
        using HttpResponseMessage answer = await Patience.Within(console.AskAsync(HttpMethod.Head, path), "the end of the answer");
        using HttpResponseMessage again = await Patience.Within(console.AskAsync(HttpMethod.Head, "settings"), "the next answer");

        Assert.AreEqual((HttpStatusCode.OK, 0), (answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync()).Length));
        Assert.IsNotNull(answer.Content.Headers.ContentType);
        Assert.AreEqual(HttpStatusCode.OK, again.StatusCode);
        Assert.IsNotNull(again.Headers.ETag);
    }

    [TestMethod]
    public async Task BodyInChunks_LongerThanItsBound_SaidHowLongItMayBe()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/api/v1/session", UriKind.Relative)) { Content = Json(Encoding.ASCII.GetBytes(new string(' ', LongestBody + 1))) };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Add("X-DeviceMqtt", "1");

        using HttpResponseMessage answer = await console.Client.SendAsync(request);

        JsonElement problem = await ProblemOfAsync(answer, "POST session");
        Assert.AreEqual(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        StringAssert.Contains(problem.GetProperty("detail").GetString(), LongestBody.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    // RFC 9110, section 13.1.2: the weak comparison, and "*" for whatever there is.
    [TestMethod]
    [DataRow("*")]
    [DataRow("weak")]
    [DataRow("strong")]
    [DataRow("among")]
    public async Task IfNoneMatch_ThatFits_NotModified(string kind)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using HttpResponseMessage first = await console.AskAsync(HttpMethod.Get, "settings");
        string tag = first.Headers.ETag!.ToString();
        string sent = kind switch { "*" => "*", "weak" => tag, "strong" => tag[2..], _ => $"\"a,b\", {tag[2..]}" };
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri("/api/v1/settings", UriKind.Relative));
        _ = request.Headers.TryAddWithoutValidation("If-None-Match", sent);

        using HttpResponseMessage second = await console.Client.SendAsync(request);

        Assert.AreEqual(HttpStatusCode.NotModified, second.StatusCode);
    }

    // Each operation that openapi.json has, and each method that it does not have: with everything that could be wrong.
    [TestMethod]
    public async Task EveryOperation_OddRequests_OnlyProblemsThatItsDescriptionHas()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using HttpClient client = await WithKeyAsync(console);
        JsonElement paths = (await console.GetAsync("openapi.json")).GetProperty("paths");
        List<string> wrong = [];
        foreach (JsonProperty path in paths.EnumerateObject().Where(static p => p.Name.StartsWith("/api/", StringComparison.Ordinal)))
            foreach (string method in Methods)
            {
                bool isThere = path.Value.TryGetProperty(method == "HEAD" ? "get" : method.ToLowerInvariant(), out JsonElement operation);
                foreach ((string uri, HttpContent? body) in OddRequests(path.Name, isThere ? operation : null))
                    if (await LookAsync(client, method, uri, body, isThere ? operation : null) is { } fault)
                        wrong.Add(fault);
            }

        Assert.IsEmpty(wrong, string.Join('\n', wrong.Take(40)));
    }

    private static async Task<HttpClient> WithKeyAsync(ConsoleUnderTest console)
    {
        string key = (await console.SendAsync(HttpMethod.Post, "keys", new { name = "odd", role = "operator" })).GetProperty("key").GetString()!;
        HttpClient client = new() { BaseAddress = console.Root, Timeout = Patience.Limit };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        client.DefaultRequestHeaders.Add("X-DeviceMqtt", "1");
        return client;
    }

    private static IEnumerable<(string Uri, HttpContent? Body)> OddRequests(string path, JsonElement? operation)
    {
        string filled = string.Join('/', path.Split('/').Select(static part => part.StartsWith('{') ? "nope" : part));
        yield return (filled, null);
        yield return (string.Join('/', path.Split('/').Select(static part => part.StartsWith('{') ? "%C3%28%20%0A" : part)), null);
        yield return (string.Join('/', path.Split('/').Select(static part => part.StartsWith('{') ? new string('x', 2000) : part)), null);
        if (operation is not { } described)
            yield break;
        string[] queries = described.TryGetProperty("parameters", out JsonElement parameters)
            ? [.. parameters.EnumerateArray().Where(static p => p.GetProperty("in").GetString() == "query").Select(static p => p.GetProperty("name").GetString()!)] : [];
        foreach (string query in queries)
            foreach (string value in (string[])["abc", "-1", "0", "9223372036854775807", "99999999999999999999", "%00", "%C3%28", ""])
                yield return ($"{filled}?{query}={value}", null);
        if (!described.TryGetProperty("requestBody", out _))
            yield break;
        foreach (string text in (string[])["", "{", "[]", "{}", "null", "7", "\"x\"", """{"name":1}""", """{"name":"a","role":"b","topic":"#","devices":[null],"command":"","client":"","code":""}""", """{"devices":{}}""", """{"topic":"a","qoS":9}""", """{"topic":"a","base64":"?"}""", """{"command":"x","seconds":-1}"""])
            yield return (filled, Json(Encoding.UTF8.GetBytes(text)));
        yield return (filled, Json(BadUtf8));
        yield return (filled, new StringContent("{}", Encoding.UTF8, "text/plain"));
        yield return (filled, new ByteArrayContent("{}"u8.ToArray()));
        yield return (filled, new StringContent(new string(' ', 1_000_000 * 3), Encoding.UTF8, "application/json"));
    }

    private static async Task<string?> LookAsync(HttpClient client, string method, string uri, HttpContent? body, JsonElement? operation)
    {
        using HttpRequestMessage request = new(HttpMethod.Parse(method), new Uri(uri, UriKind.Relative)) { Content = body };
        request.Headers.ExpectContinue = body?.Headers.ContentLength > LongestBody;
        string what = $"{method} {(uri.Length > 120 ? uri[..120] : uri)}";
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        int status = (int)answer.StatusCode;
        if (status < 400)
            return operation is null ? $"{what}: {status}, and openapi.json does not have it" : null;
        if (status is >= 500 and not 503 and not 507)
            return $"{what}: {status}";
        if (operation is { } described && !described.GetProperty("responses").TryGetProperty(status.ToString(CultureInfo.InvariantCulture), out _))
            return $"{what}: {status}, which openapi.json does not have";
        if (operation is null && status is not (405 or 404 or 415))
            return $"{what}: {status}, expected 405";
        if (method == "HEAD")
            return answer.Content.Headers.ContentType?.MediaType == "application/problem+json" ? null : $"{what}: {status}, not a problem";
        return await FaultOfAsync(answer) is { } fault ? $"{what}: {status}, {fault}" : null;
    }

    private static async Task<string?> FaultOfAsync(HttpResponseMessage answer)
    {
        string text = await answer.Content.ReadAsStringAsync();
        if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return $"no problem: '{text}'";
        JsonElement problem = JsonDocument.Parse(text).RootElement;
        bool isWhole = ((string[])["type", "title", "detail"]).All(name => problem.TryGetProperty(name, out JsonElement value) && value.GetString() is { Length: > 0 });
        return isWhole && problem.GetProperty("status").GetInt32() == (int)answer.StatusCode ? null : text;
    }

    private static async Task<JsonElement> ExpectAsync(ConsoleUnderTest console, HttpMethod method, string path, HttpStatusCode expected, HttpContent? body)
    {
        using HttpRequestMessage request = new(method, new Uri($"/api/v1/{path}", UriKind.Relative)) { Content = body };
        request.Headers.Add("X-DeviceMqtt", "1");
        using HttpResponseMessage answer = await console.Client.SendAsync(request);
        JsonElement problem = await ProblemOfAsync(answer, $"{method} {path}");
        Assert.AreEqual(expected, answer.StatusCode, $"{method} {path}: {problem}");
        return problem;
    }

    private static async Task<JsonElement> ProblemOfAsync(HttpResponseMessage answer, string what)
    {
        Assert.IsNull(await FaultOfAsync(answer), $"{what}: {(int)answer.StatusCode}");
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    private static ByteArrayContent Json(byte[] body)
    {
        ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
