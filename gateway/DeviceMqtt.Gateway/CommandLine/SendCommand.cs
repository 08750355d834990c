using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Client;
using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// <c>send kitchen relay.set on=true</c>: a command to one device or several, with its answer. Progress goes to standard error, answers to
/// standard output. Exit codes: 0 when every device says <c>ok</c>, 1 for everything else, 2 for wrong words.
/// </summary>
internal sealed class SendCommand
{
    private const int AtOnceMax = 32; // chosen: a hall full of devices is not asked one by one, nor all in one moment

    private readonly Argument<string> _devices = new("DEVICE") { Description = "Name, Client Identifier, group or pattern (*); several with commas between." };
    private readonly Argument<string> _command = new("COMMAND") { Description = "Name of the command, such as relay.set; 'device show DEVICE' lists them." };
    private readonly Argument<string[]> _arguments = new("NAME=VALUE") { Description = "Arguments of the command.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _timeout = new("--timeout") { Description = "How long to wait for the answer: 500ms, 10s, 5m, 2h, 7d.", DefaultValueFactory = _ => "10s" };
    private readonly Option<string?> _ttl = new("--ttl") { Description = "How long the command is good for. Default: as long as it is waited for." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line for each device." };
    private readonly Option<bool> _waitOnline = new("--wait-online") { Description = "Wait, within --timeout, until the device is online, and send then." };
    private readonly DeviceDoor _door = new();

    public Command Create()
    {
        Command command = new("send", "Sends a command to a device and prints its answer.") { _devices, _command, _arguments, _timeout, _ttl, _json, _waitOnline };
        _door.AddTo(command);
        command.SetAction((parsed, stop) => CommandGuard.RunAsync(async () =>
        {
            try
            {
                return await RunAsync(parsed, stop);
            }
            catch (ArgumentException exception)
            {
                return Wrong(exception.Message); // no such command can be written
            }
        }));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        if (TimeText.Read(parsed.GetValue(_timeout)!) is not { } timeout)
            return Wrong($"--timeout cannot be '{parsed.GetValue(_timeout)}': it must be like 500ms, 10s or 5m, at most 7d");
        TimeSpan? ttl = null;
        if (parsed.GetValue(_ttl) is { } text && (ttl = TimeText.Read(text)) is null)
            return Wrong($"--ttl cannot be '{text}': it must be like 10s, 5m or 2h, at most 7d");

        await using DeviceClient client = await _door.ConnectAsync(parsed, stop);
        Waiting waiting = new(client); // before presence is told for the first time
        IReadOnlyList<Device> devices = DeviceChoice.Of(parsed.GetValue(_devices)!, await client.ListDevicesAsync(stop), out string? unknown);
        if (unknown is not null)
        {
            await Console.Error.WriteLineAsync(_door.NotThere(parsed, unknown));
            return RunCommand.Failed;
        }

        if (devices.Count == 0)
            return Wrong("DEVICE is empty");
        string command = parsed.GetValue(_command)!;
        List<(Device Device, Dictionary<string, object?> Arguments)> todo = [];
        foreach (Device device in devices)
        {
            CommandForm? form = device.Commands.FirstOrDefault(f => f.Name == command);
            if (form is null && device.Commands.Count > 0)
                return Wrong($"{device.Name} does not know '{command}'; it knows {string.Join(", ", device.Commands.Select(static f => f.Name))}");
            if (CommandArguments.Read(form, parsed.GetValue(_arguments) ?? [], out Dictionary<string, object?> arguments) is { } wrong)
                return Wrong(wrong);
            todo.Add((device, arguments));
        }

        using SemaphoreSlim atOnce = new(AtOnceMax);
        bool[] done = await Task.WhenAll(todo.Select(async work =>
        {
            await atOnce.WaitAsync(stop);
            try
            {
                return await SendAsync(client, waiting, work.Device, command, work.Arguments, parsed, timeout, ttl, todo.Count > 1, stop);
            }
            finally
            {
                _ = atOnce.Release();
            }
        }));
        return Array.TrueForAll(done, static isOk => isOk) ? 0 : RunCommand.Failed;
    }

    private async Task<bool> SendAsync(
        DeviceClient client, Waiting waiting, Device device, string command, Dictionary<string, object?> arguments, ParseResult parsed, TimeSpan timeout, TimeSpan? ttl, bool isOneOfMany, CancellationToken stop)
    {
        string who = isOneOfMany ? $"{device.Name}: " : "";
        long began = TimeProvider.System.GetTimestamp();
        if (parsed.GetValue(_waitOnline) && device.Presence?.IsOnline != true)
        {
            await Console.Error.WriteLineAsync($"{who}waits until it is online");
            if (!await waiting.UntilOnlineAsync(device.ClientId, timeout, stop))
                return await SayAsync(parsed, who, device, new CommandResult(CommandOutcome.NoAnswer, "", 0, $"it was not online within {TimeText.Of(timeout)}; nothing was sent", ""));
        }

        TimeSpan left = timeout - TimeProvider.System.GetElapsedTime(began);
        SendOptions options = new()
        {
            Timeout = left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1),
            TimeToLive = ttl,
            Progress = step => Console.Error.WriteLine($"{who}{step switch { CommandProgress.Accepted => "accepted", CommandProgress.Queued => "waits for the device", CommandProgress.Relayed => "went to the upstream", CommandProgress.Delivered => "delivered", _ => "answered" }}"),
        };
        return await SayAsync(parsed, who, device, await client.SendAsync(device.ClientId, command, arguments, options, stop));
    }

    private async Task<bool> SayAsync(ParseResult parsed, string who, Device device, CommandResult result)
    {
        string outcome = result.Outcome switch
        {
            CommandOutcome.Ok => CommandStatus.Ok,
            CommandOutcome.Error => CommandStatus.Error,
            CommandOutcome.Busy => CommandStatus.Busy,
            CommandOutcome.Duplicate => CommandStatus.Duplicate,
            CommandOutcome.Expired => CommandStatus.Expired,
            CommandOutcome.Dropped => "dropped",
            _ => "no-answer",
        };
        if (parsed.GetValue(_json))
        {
            JsonObject line = new() { ["device"] = device.Name, ["to"] = device.ClientId, ["id"] = result.Id, ["st"] = outcome, ["code"] = result.Code };
            if (result.Reason.Length > 0)
                line["why"] = result.Reason;
            if (result.ResultJson.Length > 0)
                line["res"] = ResultOf(result.ResultJson);
            Console.WriteLine(line.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        }
        else if (result.IsOk)
        {
            Console.WriteLine(SafeText.Of($"{who}ok{(result.ResultJson.Length > 0 ? $" {result.ResultJson}" : "")}"));
        }
        else
        {
            await Console.Error.WriteLineAsync(SafeText.Of($"{who}{outcome}{(result.Code != 0 ? $" {result.Code}" : "")}: {result.Reason}"));
        }

        return result.IsOk;
    }

    // A device may say what is JSON, and cannot be written as text again, as one half of a character: that is shown as it came.
    private static JsonNode? ResultOf(string json)
    {
        try
        {
            JsonNode? result = JsonNode.Parse(json);
            _ = result?.ToJsonString();
            return result;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return JsonValue.Create(json);
        }
    }

    private static int Wrong(string message)
    {
        Console.Error.WriteLine(message);
        return RunCommand.WrongSetting;
    }

    /// <summary>Those who wait until a device is online.</summary>
    /// <summary>Follows who is online from the first word of the gateway on: what comes while something else is done is not missed.</summary>
    private sealed class Waiting
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, TaskCompletionSource> _online = new(StringComparer.Ordinal);

        public Waiting(DeviceClient client) => client.PresenceChanged += (_, told) =>
        {
            lock (_lock)
            {
                if (told.Presence.IsOnline)
                    _ = Of(told.Presence.ClientId).TrySetResult();
                else if (Of(told.Presence.ClientId).Task.IsCompleted)
                    _ = _online.Remove(told.Presence.ClientId);
            }
        };

        public async Task<bool> UntilOnlineAsync(string clientId, TimeSpan timeout, CancellationToken stop)
        {
            Task online;
            lock (_lock)
                online = Of(clientId).Task;
            try
            {
                await online.WaitAsync(timeout, stop);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        private TaskCompletionSource Of(string clientId)
        {
            if (!_online.TryGetValue(clientId, out TaskCompletionSource? online))
                _online.Add(clientId, online = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return online;
        }
    }
}
