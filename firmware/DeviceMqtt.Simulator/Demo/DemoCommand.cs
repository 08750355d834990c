using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Simulator;

/// <summary><c>demo</c>: the whole path on one machine, told step by step.</summary>
internal static class DemoCommand
{
    internal static Command Create()
    {
        Option<bool> once = new("--once") { Description = "End when the story is told: exit code 0 if all of it happened, else 1." };
        Option<string?> upstream = new("--upstream") { Description = "An upstream broker of your own, mqtt://user:password@host:1883. Default: a second gateway." };
        Option<string> listen = new("--listen") { Description = "Where the gateway listens; port 0 takes a free one.", DefaultValueFactory = _ => "127.0.0.1:0" };
        Option<string> http = new("--http") { Description = "Where the gateway serves MQTT over WebSocket, or off.", DefaultValueFactory = _ => "127.0.0.1:0" };
        Command command = new("demo", "The gateway, three virtual boards and an upstream broker: watch the whole path work.") { once, upstream, listen, http };
        command.SetAction((parsed, cancelled) => RunAsync(parsed.GetValue(once), parsed.GetValue(upstream), parsed.GetValue(listen)!, parsed.GetValue(http)!, cancelled));
        return command;
    }

    private static async Task<int> RunAsync(bool once, string? upstream, string listen, string http, CancellationToken cancelled)
    {
        try
        {
            UpstreamAddress? address = upstream is null ? null : UpstreamAddress.Parse(upstream);
            await using DemoStage stage = await DemoStage.SetUpAsync(address, listen, http);
            bool happened = await new DemoStory(stage, Console.Out).TellAsync(cancelled);
            if (!once && happened)
                await StayUpAsync(stage, cancelled);
            return happened ? 0 : 1;
        }
        catch (SettingException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 2;
        }
        catch (IOException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            return once ? 1 : 0;
        }
    }

    private static async Task StayUpAsync(DemoStage stage, CancellationToken cancelled)
    {
        Console.WriteLine("Everything stays up until Ctrl-C. Try, in another terminal:");
        Console.WriteLine($"    mosquitto_sub -p {stage.GatewayPort} -i me -v -t 'dm/#' -t 'presence/#'     # answers come to the client that is called 'me'");
        Console.WriteLine($"    mosquitto_pub -p {stage.GatewayPort} -q 1 -t 'dm/p2p/{stage.Boards[0].Options.ClientId}' -m '{{\"id\":\"'$(date +%s%N)'\",\"cmd\":\"relay.set\",\"args\":{{\"on\":true}},\"from\":\"me\"}}'");
        Console.WriteLine();
        stage.Local.Arrived = static seen => Console.WriteLine($"     {seen.Topic}  {seen.Payload}");
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = cancelled.Register(stopped.SetResult);
        await stopped.Task;
    }
}
