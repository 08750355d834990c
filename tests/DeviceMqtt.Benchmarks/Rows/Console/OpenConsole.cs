using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Rows.Console;

/// <summary>What a browser does that shows the list of devices: logs in, loads the page, listens to the stream, and says which boards are in view.</summary>
internal sealed class OpenConsole : IDisposable
{
    private const double SecondsMax = 60;
    private const int ReadBytes = 64 * 1024;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<string> _seat = new();
    private Task _reading = Task.CompletedTask;
    private long _bytes;

    private OpenConsole(int port)
    {
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) }) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _http.DefaultRequestHeaders.Add("X-DeviceMqtt", "1");
        _http.DefaultRequestHeaders.Add("Accept-Encoding", "gzip, br");
    }

    /// <summary>Bytes of its stream so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Why its stream ended; null while it goes on.</summary>
    public string? Ended { get; private set; }

    public static OpenConsole Open(LoadLoop loop, Func<bool> meanwhile, int port, string user, string password, IReadOnlyList<string> inView)
    {
        var console = new OpenConsole(port);
        // The boards go on meanwhile: a loop that stands still would be a load of its own.
        Task opened = Task.Run(() => console.OpenAsync(user, password, inView));
        Await(loop, meanwhile, opened);
        return console;
    }

    /// <summary>Loads the page as somebody does who is not logged in, and goes.</summary>
    public static void Visit(LoadLoop loop, Func<bool> meanwhile, int port)
    {
        using var visitor = new OpenConsole(port);
        Task visited = Task.Run(async () =>
        {
            foreach (string part in PartsOf(await visitor.ReadAsync("/")))
                _ = await visitor.ReadAsync(part);
            _ = await visitor.ReadAsync("/api/v1/start");
        });
        Await(loop, meanwhile, visited);
    }

    private static void Await(LoadLoop loop, Func<bool> meanwhile, Task task)
    {
        _ = loop.RunUntil(() => meanwhile() || task.IsCompleted, SecondsMax);
        task.GetAwaiter().GetResult();
    }

    private async Task OpenAsync(string user, string password, IReadOnlyList<string> inView)
    {
        foreach (string part in PartsOf(await ReadAsync("/")))
            _ = await ReadAsync(part);
        (await _http.PostAsJsonAsync("/api/v1/session", new { name = user, password })).EnsureSuccessStatusCode();
        _ = await ReadAsync("/api/v1/devices?q=&sort=name&offset=0&limit=60");
        _ = await ReadAsync("/api/v1/health");
        _reading = ListenAsync();
        string seat = await _seat.Task;
        (await _http.PostAsJsonAsync($"/api/v1/stream/{seat}/view", new { devices = inView })).EnsureSuccessStatusCode();
    }

    private async Task<byte[]> ReadAsync(string path)
    {
        using HttpResponseMessage answer = await _http.GetAsync(path);
        _ = answer.EnsureSuccessStatusCode();
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        if (!answer.Content.Headers.ContentEncoding.Contains("br"))
            return body;
        using var text = new MemoryStream();
        using var brotli = new System.IO.Compression.BrotliStream(new MemoryStream(body), System.IO.Compression.CompressionMode.Decompress);
        brotli.CopyTo(text);
        return text.ToArray();
    }

    private static IEnumerable<string> PartsOf(byte[] page) =>
        System.Text.RegularExpressions.Regex.Matches(Encoding.UTF8.GetString(page), "/assets/[A-Za-z0-9_.-]+").Select(static match => match.Value).Distinct();

    private async Task ListenAsync()
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync("/api/v1/stream", HttpCompletionOption.ResponseHeadersRead, _closing.Token);
            _ = answer.EnsureSuccessStatusCode();
            await using Stream stream = await answer.Content.ReadAsStreamAsync(_closing.Token);
            byte[] buffer = new byte[ReadBytes];
            var head = new StringBuilder();
            for (int count = await stream.ReadAsync(buffer, _closing.Token); count > 0; count = await stream.ReadAsync(buffer, _closing.Token))
            {
                _ = Interlocked.Add(ref _bytes, count);
                if (!_seat.Task.IsCompleted && SeatIn(head.Append(Encoding.UTF8.GetString(buffer, 0, count)).ToString()) is { } seat)
                    _seat.SetResult(seat);
            }

            Ended = "the gateway ended the stream";
        }
        catch (OperationCanceledException)
        {
            // It is closed.
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            Ended = e.Message;
            _ = _seat.TrySetException(e);
        }
    }

    private static string? SeatIn(string head)
    {
        const string Before = "event: seat\ndata: ";
        int at = head.IndexOf(Before, StringComparison.Ordinal);
        int end = at < 0 ? -1 : head.IndexOf('\n', at + Before.Length);
        return end < 0 ? null : JsonSerializer.Deserialize<string>(head[(at + Before.Length)..end]);
    }

    public void Dispose()
    {
        _closing.Cancel();
        _reading.Wait();
        _closing.Dispose();
        _http.Dispose();
    }
}
