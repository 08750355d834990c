namespace DeviceMqtt.Simulator;

/// <summary>A virtual board over many boots: its flash stays, and what happens to it follows a seeded plan.</summary>
public sealed class UnluckyBoard(VirtualBoardOptions options, MishapOptions mishaps) : IAsyncDisposable
{
    private readonly MishapPlan _plan = new(mishaps, options.Seed);
    private VirtualBoard? _board;

    /// <summary>What the board does, in all its boots. Raised on the board's loop.</summary>
    public event EventHandler<BoardEventArgs>? Happened;

    /// <summary>Its flash.</summary>
    public SimulatedFlash Flash { get; } = new(mishaps.FlashWriteTime);

    /// <summary>How often it has booted.</summary>
    public int Boots { get; private set; }

    /// <summary>Runs until it is cancelled, then says goodbye. Throws if the device loop threw: a defect.</summary>
    public async Task RunAsync(CancellationToken cancelled)
    {
        Boot("power");
        while (_plan.Next() is { } next)
        {
            if (!await LastsAsync(next.After, cancelled))
                break;
            await SufferAsync(next.What);
        }

        while (await LastsAsync(Timeout.InfiniteTimeSpan, cancelled))
        {
            // Until it is cancelled.
        }

        await _board!.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_board is not null)
            await _board.DisposeAsync();
    }

    /// <summary>Lets time pass; a board that was told to reboot boots. False if the run is over.</summary>
    private async Task<bool> LastsAsync(TimeSpan time, CancellationToken cancelled)
    {
        Task over = Task.Delay(time, cancelled);
        while (await Task.WhenAny(_board!.Completion, over) != over && _board.IsRebootAsked && _board.Completion.IsCompletedSuccessfully)
        {
            await _board.DisposeAsync();
            Boot("reset");
        }

        return over.IsCompletedSuccessfully && !cancelled.IsCancellationRequested;
    }

    private async Task SufferAsync(Mishap what)
    {
        VirtualBoard board = _board!;
        switch (what)
        {
            case Mishap.WifiDrop:
                board.DropLink();
                break;
            case Mishap.Reboot:
                await board.StopAsync();
                await board.DisposeAsync();
                Boot("reset");
                break;
            default:
                await board.KillAsync();
                await board.DisposeAsync();
                Boot("brownout");
                break;
        }
    }

    private void Boot(string cause)
    {
        Boots++;
        _board = new VirtualBoard(options with { ResetCause = cause, BootId = Boots, HasClock = options.HasClock && _plan.NextHasClock(), Flash = Flash });
        _board.Happened += (_, happened) => Happened?.Invoke(this, happened);
        _board.Start();
    }
}
