using DeviceMqtt.Client.Reading;
using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Client;

/// <summary>A command whose end is awaited. From any thread.</summary>
internal sealed class PendingCommand(string id, Action<CommandProgress>? progress)
{
    private readonly TaskCompletionSource<CommandResult> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<CommandResult> End => _end.Task;

    public void Told(in ReceiptText receipt)
    {
        switch (receipt.Status)
        {
            case Receipt.Queued: progress?.Invoke(CommandProgress.Queued); break;
            case Receipt.Delivered: progress?.Invoke(CommandProgress.Delivered); break;
            case Receipt.Answered: break; // the answer itself says so
            case Receipt.Expired: EndWith(CommandOutcome.Expired, receipt.Reason.Length > 0 ? receipt.Reason : Receipt.Expired); break;
            case Receipt.Dropped: EndWith(CommandOutcome.Dropped, receipt.Reason); break;
        }
    }

    public void Answered(CommandAnswer answer, string result)
    {
        progress?.Invoke(CommandProgress.Answered);
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
