using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>One who means ill, with a user of its own and addresses of its own (127.0.0.66 and on). Whatever the gateway does to a connection is fine with it.</summary>
internal sealed class Mallory(int port, int httpPort, CancellationToken stop) : IAsyncDisposable
{
    public const string User = "mallory";
    private const int FirstAddress = 66;
    private const int AtOnce = 50;
    private readonly ConcurrentBag<HostileSocket> _all = [];
    private int _number;

    /// <summary>One of many users that attack.</summary>
    public static string UserOf(int number) => number == 0 ? User : $"{User}-{number}";

    /// <summary>Where the gateway speaks HTTP.</summary>
    public int HttpPort => httpPort;

    /// <summary>The test has seen enough.</summary>
    public bool IsToStop => stop.IsCancellationRequested;

    /// <summary>A connection on which nothing was sent.</summary>
    /// <returns>Null when it was refused.</returns>
    public async Task<HostileSocket?> Open(int address = 0, int? toPort = null)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(FirstAddress + address)]), 0));
            await socket.ConnectAsync(IPAddress.Loopback, toPort ?? port);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }

        HostileSocket hostile = new(socket);
        _all.Add(hostile);
        return hostile;
    }

    /// <summary>A connection with its CONNACK.</summary>
    /// <returns>Null when it was refused.</returns>
    public async Task<HostileSocket?> Connect(string? clientId = null, bool clean = true, bool isV5 = false, byte[]? willTopic = null, byte[]? willPayload = null, int address = 0, string user = User)
    {
        if (await Open(address) is not { } socket)
            return null;
        clientId ??= $"mallory-{Interlocked.Increment(ref _number)}";
        byte[] connect = HostileBytes.Connect(clientId, user, clean, isV5, willTopic, willPayload, clean ? 0 : 100_000u);
        return await socket.Send(connect) && await socket.ReadConnAck() ? socket : null;
    }

    /// <summary>The same for each number, some at a time.</summary>
    public static Task Each(int count, Func<int, Task> act, int atOnce = AtOnce) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (number, _) => await act(number));

    public async ValueTask DisposeAsync()
    {
        foreach (HostileSocket socket in _all)
            await socket.DisposeAsync();
    }
}
