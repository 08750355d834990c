namespace DeviceMqtt.Gateway.Devices;

/// <summary>A command that the console has sent, and what became of it so far. Owned by the turn.</summary>
internal sealed class CommandRecord(string id, string target, string command, string arguments, string user, long sentUnixMs, long expiresUnixMs)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    /// <summary>Client Identifier of the device.</summary>
    public string Target => target;

    public string Command => command;

    /// <summary>As they were sent, JSON; empty for none.</summary>
    public string Arguments => arguments;

    /// <summary>Who sent it.</summary>
    public string User => user;

    public long SentUnixMs => sentUnixMs;

    public long ExpiresUnixMs => expiresUnixMs;

    /// <summary>What happened, with its time: <c>accepted</c>, <c>queued</c>, <c>delivered</c>, <c>answered</c>, <c>expired</c>, <c>dropped</c>.</summary>
    public List<CommandStep> Steps { get; } = [];

    /// <summary>Status of the answer (wire.md); empty while there is none.</summary>
    public string Status { get; set; } = "";

    public int Code { get; set; }

    public string Why { get; set; } = "";

    /// <summary>Result as it came, JSON; empty for none.</summary>
    public string Result { get; set; } = "";

    /// <summary>Nothing more will happen to it.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Completes when it is over.</summary>
    public Task Ended => _ended.Task;

    public void End()
    {
        IsOver = true;
        _ = _ended.TrySetResult();
    }
}
