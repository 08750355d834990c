using System.CommandLine;
using DeviceMqtt.Gateway.Orders;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>reload</c>: has the running gateway read its settings again. Exit codes: 0 done, 1 there is no gateway, 2 a setting is wrong and nothing has changed.</summary>
internal static class ReloadCommand
{
    /// <summary>What the gateway is told.</summary>
    public const string Word = "reload";

    public static Command Create()
    {
        Option<string?> data = DeviceWords.DataOption();
        Command command = new(Word, "Have the running gateway read its settings again; no client is disconnected.") { data };
        command.SetAction((parsed, stop) => CommandGuard.RunAsync(async () =>
        {
            using OrderLine line = await OrderClient.ConnectAsync(DeviceWords.DataFolder(parsed.GetValue(data)), stop);
            OrderAnswer answer = await OrderClient.AskAsync(line, Word, stop);
            foreach (string text in answer.Lines)
                await (answer.ExitCode == 0 ? Console.Out : Console.Error).WriteLineAsync(text);
            return answer.ExitCode;
        }));
        return command;
    }
}
