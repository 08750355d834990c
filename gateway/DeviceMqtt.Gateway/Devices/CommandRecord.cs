namespace DeviceMqtt.Gateway.Devices;

/// <summary>A command that the console has sent, and what became of it so far. Owned by the turn.</summary>
internal sealed class CommandRecord(string id, string target, string command, string arguments, string user, long sentUnixMs, long expiresUnixMs, long expiresMs)
{
    /// <summary>Steps that are told of one command, beside its end. Chosen: it has three to six.</summary>
    public const int StepsMax = 40;

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

    /// <summary>As the command itself says it, and for people: the wall clock of when it was sent.</summary>
    public long ExpiresUnixMs => expiresUnixMs;

    /// <summary>When its time is over, in monotonic milliseconds.</summary>
    public long ExpiresMs => expiresMs;

    /// <summary>What happened, with its time: <c>accepted</c>, <c>queued</c>, <c>delivered</c>, <c>answered</c>, <c>expired</c>, <c>dropped</c>.</summary>
    public List<CommandStep> Steps { get; } = [];

    /// <summary>Status of the answer (wire.md); empty while there is none.</summary>
    public string Status { get; set; } = "";

    public int Code { get; set; }

    public string Why { get; set; } = "";

    /// <summary>Result as it came, JSON; empty for none.</summary>
    public string Result { get; set; } = "";

    /// <summary>Nobody waits for more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Its time was over without an answer: that may come all the same.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Completes when it is over.</summary>
    public Task Ended => _ended.Task;

    public void GiveUp()
    {
        End();
        IsGivenUp = true;
    }

    public void End()
    {
        IsOver = true;
        IsGivenUp = false;
        _ = _ended.TrySetResult();
    }
}
