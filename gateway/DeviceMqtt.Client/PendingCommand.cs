using DeviceMqtt.Client.Reading;
using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Client;

/// <summary>A command whose end is awaited. How far it has come is told in order, one step at a time, and before the end. From any thread.</summary>
internal sealed class PendingCommand(string id, Action<CommandProgress>? progress)
{
    private readonly TaskCompletionSource<CommandResult> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();

    // Under the lock.
    private readonly Queue<CommandProgress> _untold = new();
    private int _last = -1;
    private bool _isTelling;
    private CommandResult? _result;

    public Task<CommandResult> End => _end.Task;

    /// <summary>
    /// It has come so far. A receipt or an answer may be quicker than the acknowledgement of the gateway: that it was accepted follows from it, and is told first.
    /// What comes late is not told any more.
    /// </summary>
    public void Tell(CommandProgress step)
    {
        lock (_lock)
        {
            if (_last >= (int)step)
                return;
            if (_last < (int)CommandProgress.Accepted && step != CommandProgress.Accepted)
                _untold.Enqueue(CommandProgress.Accepted);
            _untold.Enqueue(step);
            _last = (int)step;
        }

        TellAll();
    }

    public void Told(in ReceiptText receipt)
    {
        switch (receipt.Status)
        {
            case Receipt.Queued: Tell(CommandProgress.Queued); break;
            case Receipt.Relayed: Tell(CommandProgress.Relayed); break;
            case Receipt.Delivered: Tell(CommandProgress.Delivered); break;
            case Receipt.Answered: break; // the answer itself says so
            case Receipt.Expired: EndWith(CommandOutcome.Expired, receipt.Reason.Length > 0 ? receipt.Reason : Receipt.Expired); break;
            case Receipt.Dropped: EndWith(CommandOutcome.Dropped, receipt.Reason); break;
        }
    }

    public void Answered(CommandAnswer answer, string result)
    {
        Tell(CommandProgress.Answered);
        CommandOutcome outcome = answer.Status switch
        {
            CommandStatus.Ok => CommandOutcome.Ok,
            CommandStatus.Busy => CommandOutcome.Busy,
            CommandStatus.Expired => CommandOutcome.Expired,
            CommandStatus.Duplicate => CommandOutcome.Duplicate,
            _ => CommandOutcome.Error,
        };
        string reason = outcome == CommandOutcome.Ok ? "" : answer.Reason.Length > 0 ? answer.Reason : answer.Status;
        Finish(new CommandResult(outcome, id, answer.Code, reason, result));
    }

    public void EndWith(CommandOutcome outcome, string reason) => Finish(new CommandResult(outcome, id, 0, reason, ""));

    public void Fail(Exception exception) => _end.TrySetException(exception);

    private void Finish(CommandResult result)
    {
        lock (_lock)
            _result ??= result;
        TellAll();
    }

    // One at a time: what comes while another thread is telling is told by that one.
    private void TellAll()
    {
        while (TakeNext(out CommandProgress step))
        {
            try
            {
                progress?.Invoke(step);
            }
            finally
            {
                lock (_lock)
                    _isTelling = false;
            }
        }
    }

    private bool TakeNext(out CommandProgress step)
    {
        CommandResult? result;
        lock (_lock)
        {
            step = default;
            if (_isTelling)
                return false;
            if (_untold.TryDequeue(out step))
                return _isTelling = true;
            result = _result;
        }

        if (result is not null)
            _ = _end.TrySetResult(result);
        return false;
    }
}
