using System.CommandLine;
using System.Text.Json;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Orders;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// <c>status</c>: whether the running gateway is well, for people and for monitoring. Exit codes: 0 well, 1 something wants attention, 2 there is
/// no gateway, it does not answer or refuses, or what answers is none; a wrong address, too.
/// </summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Argument<string?> at = new("ADDRESS") { Description = "Where the gateway listens, mqtt://user:password@host:1883. Without it: the gateway of this machine, by its data folder.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> data = DeviceWords.DataOption();
        Option<bool> all = new("--all") { Description = "Every value, as it stands on $SYS." };
        Option<bool> json = new("--json") { Description = "One JSON object: state, attention, values." };
        Command command = new("status", "Say whether the running gateway and its upstreams are well. Exit code 0 well, 1 attention, 2 down.") { at, data, all, json };
        command.SetAction((parsed, stop) => RunAsync(parsed.GetValue(at), parsed.GetValue(data), parsed.GetValue(all), parsed.GetValue(json), stop));
        return command;
    }

    private static async Task<int> RunAsync(string? at, string? data, bool all, bool isJson, CancellationToken stop)
    {
        try
        {
            SortedDictionary<string, string> values = at is null ? await AskAsync(DeviceWords.DataFolder(data), stop) : await new StatusClient(GatewayAddress.Find("ADDRESS", at, data)).ReadAsync(stop);
            StatusReport report = new(values);
            if (!report.IsGateway)
                throw new IOException(report.Version.Length > 0 ? $"what answers there is no DeviceMqtt gateway but '{SafeText.Of(report.Version, 100)}'" : "what answers there publishes no version on $SYS/broker: no gateway, its Sys:IntervalSeconds is 0, or this user may not read $SYS");
            if (isJson)
                await Console.Out.WriteLineAsync(Json(report.WriteJson));
            else
                Print(all ? values.Select(static each => $"{each.Key} {each.Value}") : report.Lines());
            return report.Findings().Count == 0 ? StatusReport.Well : StatusReport.Attention;
        }
        catch (UplinkException exception)
        {
            return await DownAsync($"no answer from the gateway: {exception.End}", isJson);
        }
        catch (Exception exception) when (exception is SettingException or IOException or UnauthorizedAccessException)
        {
            return await DownAsync(exception.Message, isJson);
        }
    }

    // By the gateway's own socket: what is there now, also where nothing is published on $SYS.
    private static async Task<SortedDictionary<string, string>> AskAsync(string dataFolder, CancellationToken stop)
    {
        using OrderLine line = await OrderClient.ConnectAsync(dataFolder, stop);
        OrderAnswer answer = await OrderClient.AskAsync(line, OrderServer.Status, stop);
        SortedDictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string text in answer.Lines)
        {
            // "retained messages/count" has a space in its name, and is the only one.
            int space = text.IndexOf(' ', text.StartsWith("retained ", StringComparison.Ordinal) ? "retained ".Length : 0);
            values[text[..space]] = text[(space + 1)..];
        }

        return values;
    }

    private static async Task<int> DownAsync(string why, bool isJson)
    {
        if (isJson)
            await Console.Out.WriteLineAsync(Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("state", "down");
                json.WriteStartArray("attention");
                json.WriteStringValue(why);
                json.WriteEndArray();
                json.WriteEndObject();
            }));
        else
            await Console.Error.WriteLineAsync(why);
        return StatusReport.Down;
    }

    private static void Print(IEnumerable<string> lines)
    {
        foreach (string line in lines)
            Console.WriteLine(line);
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
            write(json);
        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }
}
