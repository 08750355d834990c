using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>What one can do who has no password at all.</summary>
internal static class StrangerAttacks
{
    private const int Addresses = 8; // each has a quarter of the HTTP connections

    public static IEnumerable<Attack> All()
    {
        // What the harness and the machine show by themselves: figures of attacks are beside it.
        yield return new("nobody attacks", static _ => Task.CompletedTask);
        // Made once: four hundred of them made while the boards publish were seconds of this machine's time, and a gigabyte.
        byte[] login = [.. Header("POST /api/v1/session", "Content-Type: application/json", "Content-Length: 2000020"), .. "{\"name\":\""u8, .. Encoding.ASCII.GetBytes(new string('a', 2_000_000))];
        byte[] endless = Header("GET /", [.. Enumerable.Range(0, 1_000).Select(static n => $"X-{n}: {new string('x', 1_000)}")])[..^2];
        yield return new("400 logins over HTTP with 2 MB of a name", mallory => Mallory.Each(400, async i =>
        {
            if (await mallory.Open(i % Addresses, mallory.HttpPort) is { } socket)
                _ = await socket.Send(login);
        }));
        byte[] upgrade = Header("GET /mqtt", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol: mqtt");
        byte[] byteByByte = [.. HostileBytes.Unfinished(0x10, 79_000, 78_000).SelectMany(static one => (byte[])[0x82, 0x81, 0, 0, 0, 0, one])];
        yield return new("32 WebSockets with 79 KB of a CONNECT that is not whole, a byte in each frame", mallory => Mallory.Each(32, async i =>
        {
            if (await mallory.Open(i % Addresses, mallory.HttpPort) is { } socket && await socket.Send(upgrade))
                _ = await socket.Send(byteByByte);
        }));
        yield return new("400 HTTP requests without an end", mallory => Mallory.Each(400, async i =>
        {
            if (await mallory.Open(i % Addresses, mallory.HttpPort) is { } socket)
                _ = await socket.Send(endless);
        }));
    }

    private static byte[] Header(string request, params IEnumerable<string> fields) =>
        Encoding.ASCII.GetBytes(string.Concat([request + " HTTP/1.1\r\nHost: gateway\r\nX-DeviceMqtt: 1\r\n", .. fields.Select(static field => field + "\r\n"), "\r\n"]));
}
