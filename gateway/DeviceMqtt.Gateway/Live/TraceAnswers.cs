using System.Text.Json;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Tracing;

namespace DeviceMqtt.Gateway.Live;

/// <summary>Answers the questions of <c>devicemqtt trace</c>, which come as messages.</summary>
internal sealed class TraceAnswers(TraceRows rows, Turn turn) : ITraceAnswers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Nobody waits for it: whoever asked gets an answer in any case.
    public void Ask(string question, Action<byte[]> answer) => _ = Task.Run(() => AnswerAsync(question, answer));

    private async Task AnswerAsync(string question, Action<byte[]> answer)
    {
        byte[] said;
        try
        {
            said = await FindAsync(question);
        }
        catch (Exception exception)
        {
            // The outer edge of this work: whoever asked is told.
            said = Say(exception switch
            {
                JsonException => "the question is not JSON",
                OperationCanceledException => "others ask as well: try again",
                _ => $"a fault of the gateway: {exception.GetType().Name}: {exception.Message}",
            });
        }

        using Turn.Scope scope = turn.Enter();
        answer(said);
    }

    private async Task<byte[]> FindAsync(string question)
    {
        TraceShapes.TraceQuestion asked = JsonSerializer.Deserialize(question, ApiJson.Default.TraceQuestion) ?? throw new JsonException();
        if (asked.End is { } end)
            return Say(rows.End(end) ? $"'{end}' is not kept any more" : $"'{end}' was not kept");
        if (asked.Keep)
            return Say(rows.Keep(asked.Client, asked.Filter, asked.Minutes) ?? $"kept from now on: {asked.Client ?? asked.Filter}, for {asked.Minutes ?? 60} minutes");
        if (TraceQuestion.Read(asked.Client, asked.Filter, asked.Command, asked.Minutes, asked.Limit, out TraceQuestion read) is { } wrong)
            return Say(wrong);
        using CancellationTokenSource timeout = new(Patience);
        TraceShapes.Trace found = await rows.FindAsync(read, timeout.Token);
        return JsonSerializer.SerializeToUtf8Bytes(new TraceShapes.Answered(null, found), ApiJson.Default.Answered);
    }

    private static byte[] Say(string text) => JsonSerializer.SerializeToUtf8Bytes(new TraceShapes.Answered(text, null), ApiJson.Default.Answered);
}
