using System.Text;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Devices;

/// <summary>The last commands that the console has sent, with what became of them. Owned by the turn.</summary>
internal sealed class CommandBook(WallClock clock, Turn turn)
{
    /// <summary>The Client Identifier that the console's commands come from, and their answers go to. No session has it.</summary>
    public const string Sender = "GID_gateway@@@console";

    /// <summary>Commands that are remembered.</summary>
    public const int CommandsMax = 500;

    // A board that was told in time may answer a moment after.
    private const long AnswerPatienceMs = 10_000;
    private readonly Dictionary<string, CommandRecord> _byId = new(StringComparer.Ordinal);
    private readonly Queue<CommandRecord> _inOrder = new();
    private readonly CommandAnswer _answer = new();

    public CommandRecord? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Those for one device, oldest first.</summary>
    public IEnumerable<CommandRecord> For(string clientId) => _inOrder.Where(c => c.Target == clientId);

    public void Add(CommandRecord record)
    {
        if (_inOrder.Count == CommandsMax)
        {
            CommandRecord oldest = _inOrder.Dequeue();
            _ = _byId.Remove(oldest.Id);
            oldest.End();
        }

        _inOrder.Enqueue(record);
        _byId.Add(record.Id, record);
    }

    /// <summary>A message came for <see cref="Sender"/>.</summary>
    /// <returns>False when it answers none of these commands.</returns>
    public bool TryAnswer(in Publication publication)
    {
        byte[] payload = publication.Payload.Length <= WireLimits.CommandBytesMax ? publication.Payload.ToArray() : [];
        // Only the device itself answers, or what stands for it: a bridge, or the upstream.
        if (!_answer.TryRead(payload, 0, payload.Length) || Find(_answer.Id) is not { } record
            || (publication.Publisher is { } publisher && publisher.ClientId != record.Target && publisher is not Broker.Sessions.Session { IsBridge: true }))
            return false;
        if (record.Status.Length > 0)
            return true; // the same answer again (QoS 1)
        record.Status = _answer.Status;
        record.Code = (int)_answer.Code;
        record.Why = _answer.Reason.Length > 0 ? _answer.Reason : CommandErrorText.Of(record.Code);
        record.Result = Encoding.UTF8.GetString(payload, _answer.ResultOffset, _answer.ResultLength);
        // Who answers has got it: its acknowledgement may come in the same turn, and is told after that.
        if (!record.Steps.Exists(static step => step.Name == Receipt.Delivered))
            record.Steps.Add(new CommandStep(Receipt.Delivered, clock.NowUnixMs, ""));
        record.Steps.Add(new CommandStep("answered", clock.NowUnixMs, _answer.Status));
        record.End();
        return true;
    }

    /// <summary>What became of the message with a command in it.</summary>
    public void ReceiptCame(string target, string commandId, string status, string why)
    {
        if (Find(commandId) is not { } record || record.Target != target)
            return;
        // "Unanswered" is the console's own word, when its time was over: what the gateway tells after that is still what became of it.
        if (record.IsOver && !record.IsGivenUp)
            return;
        bool isUnanswered = why == Receipt.Unanswered;
        bool isEnd = status is Receipt.Expired or Receipt.Dropped;
        // What ends it has always room, and is told once: when its time was over the book has said "unanswered" itself.
        if ((isEnd || record.Steps.Count < CommandRecord.StepsMax) && !(isUnanswered && record.IsGivenUp))
            record.Steps.Add(new CommandStep(isUnanswered ? Receipt.Unanswered : status, clock.NowUnixMs, isUnanswered ? "" : why));
        if (isEnd)
            record.End();
    }

    /// <summary>Once a second: a command that was not answered in its time is over.</summary>
    public void Beat()
    {
        foreach (CommandRecord record in _inOrder)
        {
            // In running time, as its message: a clock that is set ends no command.
            if (record.IsOver || turn.NowMs < record.ExpiresMs + AnswerPatienceMs)
                continue;
            record.Steps.Add(new CommandStep(Receipt.Unanswered, clock.NowUnixMs, ""));
            record.GiveUp();
        }
    }
}
