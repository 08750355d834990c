using DeviceMqtt.Client.Reading;
using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Client;

/// <summary>A command whose end is awaited. From any thread.</summary>
internal sealed class PendingCommand(string id, Action<CommandProgress>? progress)
{
    private readonly TaskCompletionSource<CommandResult> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _told = -1;

    public Task<CommandResult> End => _end.Task;

    /// <summary>It has come so far. What comes late, because the device was quicker than an acknowledgement, is not told any more.</summary>
    public void Tell(CommandProgress step)
    {
        int told = Volatile.Read(ref _told);
        while (told < (int)step)
        {
            int before = Interlocked.CompareExchange(ref _told, (int)step, told);
            if (before == told)
            {
                progress?.Invoke(step);
                return;
            }

            told = before;
        }
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
        _ = _end.TrySetResult(new CommandResult(outcome, id, answer.Code, reason, result));
    }

    public void EndWith(CommandOutcome outcome, string reason) => _end.TrySetResult(new CommandResult(outcome, id, 0, reason, ""));

    public void Fail(Exception exception) => _end.TrySetException(exception);
}
