using System.Text.Json;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>Reads Server-Sent Events, as an EventSource does.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _reader;

    private EventReader(HttpResponseMessage answer, Stream stream)
    {
        _answer = answer;
        _reader = new StreamReader(stream);
    }

    public static async Task<EventReader> OpenAsync(ConsoleUnderTest console, string path, string? lastId = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/api/v1/{path}");
        if (lastId is not null)
            request.Headers.Add("Last-Event-ID", lastId);
        HttpResponseMessage answer = await console.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.AreEqual("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        EventReader reader = new(answer, await answer.Content.ReadAsStreamAsync());
        // The first line proves that the gateway listens for what is to be told.
        _ = await Patience.Within(reader._reader.ReadLineAsync(), "the first line of the stream");
        return reader;
    }

    /// <summary>The next event of that name; others before it are passed over.</summary>
    public async Task<(JsonElement Data, string Id)> NextAsync(string name)
    {
        string found = "";
        string id = "";
        while (true)
        {
            string line = await Patience.Within(_reader.ReadLineAsync(), $"the event {name}") ?? throw new AssertFailedException($"the stream ended before {name}");
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                (found, id) = (line[7..], "");
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal) && found == name)
                return (JsonDocument.Parse(line[6..]).RootElement, id);
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _answer.Dispose();
    }
}
