using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using DeviceMqtt.BoardLoad;

// Boards in a process of their own, and on one thread: what the attacker beside them does with its memory and its threads is not measured.
// Arguments: port, how many boards, their user. "publish 60" on standard input has each publish so many readings; the answer is one line
// "published", the rate, and the latencies in milliseconds. Any fault ends the process with a line about it on standard error.
const int PatienceUs = 60_000_000;
int port = int.Parse(args[0], CultureInfo.InvariantCulture);
Board[] boards = [.. Enumerable.Range(0, int.Parse(args[1], CultureInfo.InvariantCulture)).Select(i => new Board(port, $"board-{i}", args[2]))];
Dictionary<Socket, Board> bySocket = boards.ToDictionary(static board => board.Socket);
Console.WriteLine("connected");
while (Console.ReadLine() is { } line)
{
    Publish(int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    IEnumerable<double> latencies = boards.SelectMany(static board => board.LatenciesMs);
    Console.WriteLine($"published {boards.Average(static board => board.Rate).ToString(CultureInfo.InvariantCulture)} {string.Join(' ', latencies.Select(static ms => ms.ToString("F3", CultureInfo.InvariantCulture)))}");
}

foreach (Board board in boards)
    board.Dispose();

void Publish(int count)
{
    // Not all at once, as those in a house are not.
    long now = Stopwatch.GetTimestamp();
    for (int i = 0; i < boards.Length; i++)
        boards[i].Begin(count, now + (i * Board.PaceTicks / boards.Length));
    List<Socket> readable = [];
    while (Array.Exists(boards, static board => !board.IsDone))
    {
        readable.Clear();
        readable.AddRange(boards.Where(static board => !board.IsDone).Select(static board => board.Socket));
        long next = boards.Min(static board => board.DueAt);
        long waitUs = next == long.MaxValue ? PatienceUs : Math.Max(0, (next - Stopwatch.GetTimestamp()) * 1_000_000 / Stopwatch.Frequency);
        Socket.Select(readable, null, null, (int)waitUs);
        if (readable.Count == 0 && next == long.MaxValue)
            throw new TimeoutException($"{boards.Count(static board => !board.IsDone)} boards wait for an acknowledgement for {PatienceUs / 1_000_000} seconds");
        foreach (Socket socket in readable)
            bySocket[socket].Read();
        now = Stopwatch.GetTimestamp();
        foreach (Board board in boards)
            if (board.DueAt <= now)
                board.Publish();
    }
}
