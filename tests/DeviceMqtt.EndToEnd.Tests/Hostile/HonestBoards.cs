using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>Boards in a process of their own (tests/DeviceMqtt.BoardLoad): the attacker's memory and threads are not theirs.</summary>
internal sealed class HonestBoards : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly int _boards;
    private int _answers; // lines
    private int _published;

    private HonestBoards(ChildProcess process, int boards)
    {
        _process = process;
        _boards = boards;
    }

    public static async Task<HonestBoards> Connect(int port, int boards)
    {
        string[] command = [.. Cores.OfTheBoards, "dotnet", Path.Combine(AppContext.BaseDirectory, "DeviceMqtt.BoardLoad.dll"), Text(port), Text(boards), HonestBoard.User];
        HonestBoards connected = new(ChildProcess.Start(command[0], command[1..]), boards);
        try
        {
            await connected.WaitFor("connected");
            return connected;
        }
        catch
        {
            await connected.DisposeAsync();
            throw;
        }
    }

    /// <summary>Each publishes so many readings, one after the other, and all of them are acknowledged.</summary>
    public async Task<BoardFigures> Publish(int count, Acknowledged acknowledged)
    {
        _process.SendLine($"publish {Text(count)}");
        double[] numbers = [.. (await WaitFor("published ")).Split(' ')[1..].Select(static text => double.Parse(text, CultureInfo.InvariantCulture))];
        Assert.HasCount(1 + (_boards * count), numbers, "a rate, and a time for each acknowledgement");
        for (int board = 0; board < _boards; board++)
            for (int number = _published + 1; number <= _published + count; number++)
                acknowledged.Add($"board-{Text(board)}-{Text(number)}");
        _published += count;
        return new BoardFigures([.. numbers[1..].Order()], Math.Min(1, numbers[0]));
    }

    public async ValueTask DisposeAsync() => await _process.DisposeAsync();

    private async Task<string> WaitFor(string begin)
    {
        try
        {
            return await _process.Output.WaitFor(line => line.StartsWith(begin, StringComparison.Ordinal), begin, from: _answers++, Patience.Default * 2);
        }
        catch (AssertFailedException exception)
        {
            // Why a board has ended is on its standard error.
            throw new AssertFailedException($"{string.Join(Environment.NewLine, _process.Errors.Items)}{Environment.NewLine}{exception.Message}", exception);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
