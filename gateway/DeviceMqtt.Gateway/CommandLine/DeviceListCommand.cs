using System.CommandLine;
using System.Text.Json.Nodes;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Client;
using DeviceMqtt.Client.Words;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>device list</c> and <c>device show NAME</c>: the devices that have told their birth, whether they are there, and what waits for them.</summary>
internal static class DeviceListCommand
{
    private const string NoBirth = "no birth yet";

    public static Command List()
    {
        DeviceDoor door = new();
        Option<bool> json = new("--json") { Description = "One JSON object a line." };
        Command command = new("list", "The devices that have told their birth to the gateway, whether they are there, and those let in by 'device add' that have told none yet.") { json };
        door.AddTo(command);
        command.SetAction((parsed, stop) => CommandGuard.RunAsync(async () =>
        {
            await using DeviceClient client = await door.ConnectAsync(parsed, stop);
            IReadOnlyList<Device> devices = await client.ListDevicesAsync(stop);
            string[] unborn = [.. door.LetIn(parsed).Except(devices.Select(static d => d.Name))];
            if (devices.Count + unborn.Length == 0 && !parsed.GetValue(json))
                await Console.Error.WriteLineAsync("no device is let in, and none has told its birth; 'device add' lets one in");
            int width = devices.Select(static d => d.Name).Concat(unborn).Select(static name => SafeText.Of(name).Length).DefaultIfEmpty().Max();
            foreach (Device device in devices)
                Console.WriteLine(parsed.GetValue(json) ? Json(device).ToJsonString() : SafeText.Of($"{SafeText.Of(device.Name).PadRight(width)}  {StateOf(device),-12}  {device.Board} {device.Firmware}".TrimEnd()));
            foreach (string name in unborn)
                Console.WriteLine(parsed.GetValue(json) ? new JsonObject { ["name"] = name, ["state"] = NoBirth }.ToJsonString() : $"{SafeText.Of(name).PadRight(width)}  {NoBirth}");
            return 0;
        }));
        return command;
    }

    public static Command Show()
    {
        DeviceDoor door = new();
        Argument<string> name = new("NAME") { Description = "The device's name or Client Identifier." };
        Option<bool> json = new("--json") { Description = "One JSON object." };
        Command command = new("show", "What is known of a device: presence, commands, and what waits for it.") { name, json };
        door.AddTo(command);
        command.SetAction((parsed, stop) => CommandGuard.RunAsync(async () =>
        {
            await using DeviceClient client = await door.ConnectAsync(parsed, stop);
            IReadOnlyList<Device> found = DeviceChoice.Of(parsed.GetValue(name)!, await client.ListDevicesAsync(stop), out _);
            if (found is not [Device device])
            {
                await Console.Error.WriteLineAsync(found.Count == 0 ? door.NotThere(parsed, parsed.GetValue(name)!) : SafeText.Of($"'{parsed.GetValue(name)}' are {found.Count} devices; say one"));
                return RunCommand.Failed;
            }

            WaitingCommands queue = await client.GetQueueAsync(device.ClientId, stop);
            if (parsed.GetValue(json))
                Console.WriteLine(Json(device, queue).ToJsonString());
            else
                Say(device, queue);
            return 0;
        }));
        return command;
    }

    private static void Say(Device device, WaitingCommands queue)
    {
        Line($"{device.Name}: {StateOf(device)}{(device.Presence is { } presence ? $" since {presence.Since:u}, {presence.Reason}" : "")}");
        Line($"  client    {device.ClientId}{(device.Presence is { Gateway.Length: > 0 } here ? $" at {here.Gateway}" : "")}");
        if (device.Presence?.Until is { } until)
            Line($"  back      {until:u}");
        Line($"  firmware  {device.Firmware} on {device.Board}, started by {device.ResetCause}");
        Line($"  streams   {string.Join(", ", device.Streams)}");
        if (device.FailedSensors.Count > 0)
            Line($"  failed    {string.Join(", ", device.FailedSensors)}");
        string waits = queue.OldestAge is { } age && queue.OldestExpiresIn is { } expires ? $", the oldest for {TimeText.Of(age)}, its time is over in {TimeText.Of(expires)}" : "";
        Line($"  queue     {queue.Count} wait, {queue.Unanswered} not answered{waits}");
        foreach (Wire.CommandForm form in device.Commands)
            Line($"  command   {CommandArguments.Describe(form)}");
    }

    private static void Line(string text) => Console.WriteLine(SafeText.Of(text));

    private static JsonObject Json(Device device, WaitingCommands? queue = null)
    {
        JsonObject json = new()
        {
            ["name"] = device.Name,
            ["clientId"] = device.ClientId,
            ["state"] = StateOf(device),
            ["since"] = device.Presence?.Since.ToUnixTimeSeconds(),
            ["board"] = device.Board,
            ["firmware"] = device.Firmware,
            ["commands"] = new JsonArray([.. device.Commands.Select(static f => (JsonNode)CommandArguments.Describe(f))]),
        };
        if (queue is not null)
            json["queue"] = new JsonObject
            {
                ["count"] = queue.Count,
                ["unanswered"] = queue.Unanswered,
                ["oldestAgeSeconds"] = queue.OldestAge?.TotalSeconds,
                ["oldestExpiresInSeconds"] = queue.OldestExpiresIn?.TotalSeconds,
            };
        return json;
    }

    private static string StateOf(Device device) => device.Presence switch
    {
        { IsOnline: true } => "online",
        { Reason: "asleep" or "overdue" } sleeping => sleeping.Reason,
        { } => "offline",
        null => "not known",
    };
}
