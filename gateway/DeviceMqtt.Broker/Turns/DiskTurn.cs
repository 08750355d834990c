namespace DeviceMqtt.Broker.Turns;

/// <summary>One that waits to have something written, or may now (<see cref="DiskLine"/>). Owned by the turn.</summary>
/// <param name="share">Whose it is.</param>
/// <param name="bytes">Of the packet that waits.</param>
internal sealed class DiskTurn(DiskShare share, int bytes)
{
    private readonly TaskCompletionSource _granted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DiskShare Share => share;

    public int Bytes => bytes;

    /// <summary>Bytes that it may still have written.</summary>
    public long Left { get; set; }

    /// <summary>It is its turn now, or was.</summary>
    public bool IsGranted => _granted.Task.IsCompleted;

    /// <summary>It waits no longer, and needs no turn.</summary>
    public bool IsOver { get; set; }

    /// <summary>Completes when it is its turn.</summary>
    public Task Granted => _granted.Task;

    public void Grant(long bytes)
    {
        Left = bytes;
        _granted.SetResult();
    }
}
