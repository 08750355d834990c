using System.Text;
using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Ceiling;

/// <summary>
/// The least that carries the rows: answers CONNECT, SUBSCRIBE and QoS 1, finds the subscribers of a publisher once, at its first message,
/// and from then on copies packets as they are. No broker can do less per message, so it shows how much load the generator makes.
/// </summary>
internal sealed class NullBroker
{
    private readonly List<(string Filter, NullConnection Connection)> _subscriptions = [];
    private readonly List<NullConnection> _unsent = [];
    private readonly List<NullConnection> _waiting = [];

    public static void Run(int port)
    {
        using var loop = new LoadLoop();
        var broker = new NullBroker();
        new NullListener(loop, LoopbackSocket.Listen(port), broker).Start(Libc.EpollIn);
        while (true)
        {
            loop.Poll(-1);
            broker.Flush();
        }
    }

    public void Subscribe(string filter, NullConnection connection) => _subscriptions.Add((filter, connection));

    public NullConnection[] FindSubscribers(ReadOnlySpan<byte> topic)
    {
        string name = Encoding.UTF8.GetString(topic);
        return [.. _subscriptions.Where(entry => IsMatch(entry.Filter, name)).Select(entry => entry.Connection)];
    }

    public bool HasRoomEverywhere() => _subscriptions.TrueForAll(static entry => entry.Connection.HasRoom);

    /// <summary>The connection has something to send when this round of events is handled.</summary>
    public void HasOutput(NullConnection connection) => _unsent.Add(connection);

    /// <summary>The connection stopped reading until its subscribers have room.</summary>
    public void Waits(NullConnection connection) => _waiting.Add(connection);

    // All that the rows subscribe to: a topic, or everything, or everything below a level.
    private static bool IsMatch(string filter, string topic) =>
        filter == topic || (filter.EndsWith('#') && topic.StartsWith(filter[..^1], StringComparison.Ordinal));

    private void Flush()
    {
        foreach (NullConnection connection in _unsent)
            connection.Flush();
        _unsent.Clear();
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            if (_waiting[i].TryReadAgain())
                _waiting.RemoveAt(i);
        }
    }
}
