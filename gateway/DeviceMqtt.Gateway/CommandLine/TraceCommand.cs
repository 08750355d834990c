using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>trace</c>: where messages are, of a running gateway. Exit codes: 0 done, 1 no gateway answers, or it says no, 2 wrong words.</summary>
internal static class TraceCommand
{
    // A topic with whatever somebody put into it.
    private const int NameCharsMax = 200;

    public static Command Create()
    {
        Option<string?> client = new("--client") { Description = "Messages from or to this Client Identifier, or to the upstream of this name." };
        Option<string?> filter = new("--filter") { Description = "Messages on the topics of this Topic Filter." };
        Option<string?> command = new("--command") { Description = "The command with this id, and its answer." };
        Option<int?> minutes = new("--minutes") { Description = "Not older than that; with --keep, for how long. Default: 60." };
        Option<int?> limit = new("--limit") { Description = "The newest so many. Default: 50, at most 200." };
        Option<bool> keep = new("--keep") { Description = "From now on keep the messages of --client or --filter for longer than all others." };
        Option<string?> end = new("--end") { Description = "Keep them no longer: the Client Identifier or Topic Filter of --keep." };
        Option<bool> json = new("--json") { Description = "Print the answer as JSON, as /api/v1/trace has it." };
        Option<string?> at = new("--at") { Description = "Where the gateway listens, mqtt://user:password@host:1883. Without it: the gateway of this machine, by its data folder." };
        Option<string?> data = new("--data") { Description = "The data folder of the gateway. Default: as `run` has it." };
        Command trace = new("trace", "Show the way of the last messages: who brought them, whether they are on the disk, for whom they wait, who has acknowledged them, and why they were dropped.")
        {
            client, filter, command, minutes, limit, keep, end, json, at, data,
        };
        trace.SetAction((parsed, stop) =>
        {
            TraceShapes.TraceQuestion question = new(parsed.GetValue(client), parsed.GetValue(filter), parsed.GetValue(command), parsed.GetValue(minutes), parsed.GetValue(limit), parsed.GetValue(keep), parsed.GetValue(end));
            return RunAsync(question, parsed.GetValue(json), parsed.GetValue(at), parsed.GetValue(data), stop);
        });
        return trace;
    }

    private static async Task<int> RunAsync(TraceShapes.TraceQuestion question, bool asJson, string? at, string? data, CancellationToken stop)
    {
        try
        {
            string words = JsonSerializer.Serialize(question, ApiJson.Default.TraceQuestion);
            string answer = await new AsideClient(GatewayAddress.Find("--at", at, data), ITraceAnswers.Topic, isAnsweredLater: true).AskAsync(words, stop);
            TraceShapes.Answered said = JsonSerializer.Deserialize(answer, ApiJson.Default.Answered) ?? throw new JsonException();
            return await PrintAsync(said, question.Keep || question.End is not null, asJson);
        }
        catch (SettingException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return RunCommand.WrongSetting;
        }
        catch (UplinkException exception)
        {
            await Console.Error.WriteLineAsync($"no answer from the gateway: {exception.End}");
            return RunCommand.Failed;
        }
        catch (JsonException)
        {
            await Console.Error.WriteLineAsync("what answers there is no gateway of this version");
            return RunCommand.Failed;
        }
    }

    private static async Task<int> PrintAsync(TraceShapes.Answered said, bool isOrder, bool asJson)
    {
        if (said.Trace is { } trace)
        {
            if (asJson)
                Console.WriteLine(JsonSerializer.Serialize(trace, ApiJson.Default.Trace));
            else
                Print(trace);
            return 0;
        }

        bool isDone = isOrder && said.Text is { } text && text.StartsWith("kept", StringComparison.Ordinal) | text.EndsWith("any more", StringComparison.Ordinal);
        await (isDone ? Console.Out : Console.Error).WriteLineAsync(said.Text);
        return isDone ? 0 : RunCommand.Failed;
    }

    private static void Print(TraceShapes.Trace trace)
    {
        foreach (TraceShapes.TracedMessage message in trace.Messages.Reverse())
            Print(message);
        foreach (TraceShapes.KeptRule rule in trace.Rules)
            Console.WriteLine($"kept until {At(rule.Ends, "HH:mm")}: {SafeText.Of(rule.Text, NameCharsMax)}");
        string found = trace.Messages.Count switch { 0 => "no such message", 1 => "1 message", var n => $"{n} messages{(trace.More ? ", and there are more" : "")}" };
        if (trace.Skipped > 0)
            Console.WriteLine($"{trace.Skipped} messages since the start came too fast to be noted");
        Console.WriteLine(trace.All ? $"{found}; all are noted since {At(trace.Since, "yyyy-MM-dd HH:mm:ss")}" : $"{found}; only those are noted that somebody asked to keep (Trace:BytesMax is 0)");
    }

    private static void Print(TraceShapes.TracedMessage message)
    {
        string from = message.From is { } client ? SafeText.Of(client, NameCharsMax) : $"the {message.Origin}";
        Console.WriteLine($"{At(message.Time, "HH:mm:ss.fff")}  {SafeText.Of(message.Topic, NameCharsMax)}  QoS {message.QoS}{(message.Retain ? ", retain" : "")}, {message.Bytes} bytes{(message.Command is { } id ? $", command {SafeText.Of(id, NameCharsMax)}" : "")}: {message.State}");
        Console.WriteLine($"   +0 ms  accepted from {from}{(message.Address is { } address ? $" at {address}" : "")}");
        if (message.Position is { } position)
            Console.WriteLine(message.DiskMs is { } disk ? $"{Ms(disk)}  on the disk, at position {position}" : $"          not on the disk yet, position {position}");
        if (message.Answer is { } answer)
            Console.WriteLine($"{Ms(message.AnswerMs ?? 0)}  acknowledged to its publisher: {answer}");
        foreach (TraceShapes.MessageWay way in message.Ways)
            foreach (TraceShapes.WayStep step in way.Steps)
                Console.WriteLine($"{Ms(step.Ms)}  {(way.Kind == "client" ? "" : way.Kind + " ")}{SafeText.Of(way.Name, NameCharsMax)}: {SafeText.Of(step.Text, 1000)}");
        if (message.Ways.Count == 0)
            Console.WriteLine("          nobody was to get it");
        if (message.More)
            Console.WriteLine("          and more clients");
    }

    private static string Ms(long ms) => string.Create(CultureInfo.InvariantCulture, $"{"+" + ms.ToString(CultureInfo.InvariantCulture),5} ms");

    private static string At(long unixMs, string format) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToLocalTime().ToString(format, CultureInfo.InvariantCulture);
}
